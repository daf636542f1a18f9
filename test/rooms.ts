// A service of rooms for tests: short ways to enter, configure and speak, and what came in short.
import { muc } from '../src/extensions/muc/muc.ts'
import type { Extension } from '../src/host/extension.ts'
import type { MemoryClient } from '../src/server/memory-client.ts'
import type { Element } from '../src/xml/element.ts'
import { type InMemory, type InMemoryParts, inMemoryServer } from './in-memory.ts'

const namespace = 'http://jabber.org/protocol/muc'

/** The room in which most tests take place. */
export const room = 'room@rooms.localhost'

/** What a test of rooms wants to be different. */
export interface RoomParts extends Omit<InMemoryParts, 'rooms'> {
  /** Options of `muc`. */
  readonly muc?: object
  /** Loaded besides `muc`. */
  readonly more?: readonly Extension[]
}

/** A server with a service of rooms. */
export function roomServer({ muc: options, more = [], ...parts }: RoomParts = {}): Promise<InMemory> {
  return inMemoryServer({
    ...parts,
    rooms: [muc, ...more],
    options: { ...parts.options, ...(options ? { muc: options } : {}) },
  })
}

/** Enters a room; `inside` goes into the `<x/>`: password, history. */
export function enter(client: MemoryClient, nick: string, inside = '', to = room): Promise<void> {
  return client.send(`<presence to='${to}/${nick}'><x xmlns='${namespace}'>${inside}</x></presence>`)
}

/** Submits fields of the room's form, without the prefix of their names. */
export function configure(
  client: MemoryClient,
  fields: Readonly<Record<string, string | readonly string[]>> = {},
  to = room,
): Promise<void> {
  const inside = Object.entries(fields).map(([name, given]) => {
    const values = typeof given === 'string' ? [given] : given
    const field = name.includes('#') ? name : `muc#roomconfig_${name}`
    return `<field var='${field}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`
  })
  const x = `<x xmlns='jabber:x:data' type='submit'>${inside.join('')}</x>`
  return client.send(`<iq to='${to}' type='set' id='c'><query xmlns='${namespace}#owner'>${x}</query></iq>`)
}

/** Changes lists or roles, or with `type` get reads them. */
export function administer(client: MemoryClient, items: string, type = 'set'): Promise<void> {
  return client.send(
    `<iq to='${room}' type='${type}' id='a'><query xmlns='${namespace}#admin'>${items}</query></iq>`,
  )
}

/** Says something to everybody. */
export function say(client: MemoryClient, body: string): Promise<void> {
  return client.send(`<message to='${room}' type='groupchat'><body>${body}</body></message>`)
}

/** Makes the room and opens it to others. */
export async function open(
  client: MemoryClient,
  fields: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<void> {
  await enter(client, nickOf(client))
  await configure(client, fields)
  client.takeAll()
}

/** Romeo, in the room that he has made and opened to others. */
export async function romeoInside(
  local: InMemory,
  fields: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<MemoryClient> {
  const romeo = await local.connect('romeo@localhost/orchard')
  await open(romeo, fields)
  return romeo
}

/** A client of an account, in the room under the account's name; what came while entering is taken. */
export async function inside(local: InMemory, name: string, x = ''): Promise<MemoryClient> {
  const client = await local.connect(`${name}@localhost/home`)
  await enter(client, nickOf(client), x)
  client.takeAll()
  return client
}

/** What came, in short: `romeo moderator 201,110`, `-juliet 307`, `romeo: hello`, `subject`, `status 104`, `error forbidden`. */
export function told(client: MemoryClient): string[] {
  return client.takeAll().map(inShort)
}

function inShort(stanza: Element): string {
  const error = stanza.child('error')
  if (error) return `error ${error.elements()[0]?.name}`
  if (stanza.name === 'iq') return stanza.attribute('type') ?? ''
  const nick = stanza.attribute('from')?.split('/')[1] ?? ''
  const x = stanza.child('x', `${namespace}#user`)
  return stanza.name === 'presence' ? presenceInShort(stanza, nick, x) : messageInShort(stanza, nick, x)
}

function presenceInShort(stanza: Element, nick: string, x: Element | undefined): string {
  const gone = stanza.attribute('type') === 'unavailable'
  const parts = [
    gone ? `-${nick}` : nick,
    gone ? '' : (x?.child('item')?.attribute('role') ?? ''),
    codesOf(x),
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function messageInShort(stanza: Element, nick: string, x: Element | undefined): string {
  const item = x?.child('item')
  if (item) return `${item.attribute('jid')} ${item.attribute('affiliation')}`
  if (x?.child('invite')) return `invite ${x.child('invite')?.attribute('from')}`
  if (x?.child('decline')) return `decline ${x.child('decline')?.attribute('from')}`
  const body = stanza.child('body')
  if (body) return `${nick}: ${body.text}`
  const subject = stanza.child('subject')
  if (subject) return `subject ${subject.text}`.trim()
  return `status ${codesOf(x)}`
}

function codesOf(x: Element | undefined): string {
  return (x?.elements('status') ?? []).map((status) => status.attribute('code')).join(',')
}

function nickOf(client: MemoryClient): string {
  return client.jid.local
}
