// XEP-0433 §6.1: the order of results, as texts to sort and page by.
import { type Channel, shownUsers } from './matches.ts'

const orderNamespace = 'urn:xmpp:channel-search:0:order'

/** By what results are sorted. */
const orders = ['nusers', 'address'] as const
export type Order = (typeof orders)[number]

/** The value of the field `key`. */
export function orderName(order: Order): string {
  return `{${orderNamespace}}${order}`
}

/** The order that a field's value asks for, or `undefined`. */
export function parseOrder(text: string): Order | undefined {
  return orders.find((order) => orderName(order) === text)
}

const most = 9_999_999_999

/** What a result is sorted by: its address, or how many are inside, most first, and then its address. */
export function keyOf(channel: Channel, order: Order): string {
  const { local } = channel
  return order === 'address' ? local : `${String(most - shownUsers(channel)).padStart(10, '0')} ${local}`
}
