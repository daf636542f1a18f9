// RFC 6121 §3.1: clients that come to see each other's presence, by asking and agreeing as people do.
import type { Connection } from './connection.ts'
import type { Generator } from './generator.ts'
import { addressOf } from './login.ts'

const timeoutMs = 120_000
const checkMs = 10

/** A client and the index of its account. */
export interface Member {
  readonly connection: Connection
  readonly account: number
}

/** Makes everybody in a group everybody else's contact, both ways; they must be available. */
export async function befriend(members: readonly Member[], generator: Generator): Promise<void> {
  await tellAll(members, 'subscribe', generator)
  await tellAll(members, 'subscribed', generator)
  for (const { connection } of members) connection.onBytes = () => {}
}

/** Sends presence of this type from everybody to everybody else, and waits until it has come. */
async function tellAll(
  members: readonly Member[],
  type: 'subscribe' | 'subscribed',
  generator: Generator,
): Promise<void> {
  const heard = members.map(({ connection }) => new Hearer(connection, type))
  for (const { connection, account } of members) {
    const others = members.filter((other) => other.account !== account)
    const stanzas = others.map((other) => `<presence type='${type}' to='${bareAddressOf(other.account)}'/>`)
    connection.write(stanzas.join(''))
  }
  const end = performance.now() + timeoutMs
  while (heard.some(({ count }) => count < members.length - 1)) {
    if (performance.now() > end) throw new Error(`not all were told: ${type}`)
    await generator.pause(checkMs)
  }
}

function bareAddressOf(account: number): string {
  return addressOf(account).split('/')[0] as string
}

/** Counts presence of one type. */
class Hearer {
  count = 0
  #text = ''

  constructor(connection: Connection, type: string) {
    const pattern = new RegExp(`<presence[^>]* type=["']${type}["']`)
    connection.onBytes = (chunk) => {
      const tags = (this.#text + chunk.toString('latin1')).split('>')
      this.#text = tags.pop() as string
      for (const tag of tags) if (pattern.test(tag)) this.count += 1
    }
  }
}
