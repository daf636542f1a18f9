// People with rosters, for tests: they log in, look at their contacts, and agree to see each other.
import type { MemoryClient } from '../src/server/memory-client.ts'
import type { Element } from '../src/xml/element.ts'
import { answerTo } from './answer.ts'
import type { InMemory } from './in-memory.ts'

const namespace = 'jabber:iq:roster'

/** Logs in, asks for the roster and becomes available. */
export async function online(local: InMemory, address: string): Promise<MemoryClient> {
  const client = await local.connect(address)
  await client.send(`<iq type='get' id='roster'><query xmlns='${namespace}'/></iq>`)
  await client.send('<presence/>')
  client.takeAll()
  return client
}

/** Asks for a change of the roster: `item` is an `<item/>`. */
export const set = (client: MemoryClient, item: string) =>
  client.send(`<iq type='set' id='set'><query xmlns='${namespace}'>${item}</query></iq>`)

/** What came, in short: `result`, `push a@b both`, `subscribed a@b`, `error conflict`. */
export function told(client: MemoryClient): string[] {
  return client.takeAll().map((stanza) => {
    const error = stanza.child('error')?.elements()[0]
    if (error) return `error ${error.name}`
    const item = stanza.child('query', namespace)?.child('item')
    if (item) return `push ${describe(item)}`
    if (stanza.name === 'iq') return stanza.attribute('type') ?? ''
    return `${stanza.attribute('type') ?? 'available'} ${stanza.attribute('from')}`
  })
}

function describe(item: Element): string {
  const parts = [item.attribute('jid'), item.attribute('subscription'), item.attribute('name')]
  if (item.attribute('ask')) parts.push('ask')
  if (item.attribute('approved')) parts.push('approved')
  for (const group of item.elements('group')) parts.push(`[${group.text}]`)
  return parts.filter((part) => part !== undefined).join(' ')
}

/** The contacts in short: `a@b both Name [Group]`. */
export async function items(client: MemoryClient): Promise<string[]> {
  const result = await answerTo(client, 'get', `<query xmlns='${namespace}'/>`)
  return (result?.child('query', namespace)?.elements() ?? []).map(describe)
}

/** Each asks to see the other, and agrees; what came of it is taken out of their inboxes. */
export async function befriend(romeo: MemoryClient, juliet: MemoryClient): Promise<void> {
  await romeo.send(`<presence to='juliet@localhost' type='subscribe'/>`)
  await juliet.send(`<presence to='romeo@localhost' type='subscribed'/>`)
  await juliet.send(`<presence to='romeo@localhost' type='subscribe'/>`)
  await romeo.send(`<presence to='juliet@localhost' type='subscribed'/>`)
  for (const client of [romeo, juliet]) client.takeAll()
}
