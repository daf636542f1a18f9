// RFC 6121 Appendix A as accounts see it: every cell with a real roster, kept before and after.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { online } from '../../../test/contacts.ts'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { type SubscriptionCase, subscriptionCases } from '../../../test/subscription-table.ts'
import type { Host } from '../../host/host.ts'
import { jid } from '../../jid/jid.ts'
import { Presence } from '../../stanza/stanza.ts'
import { roster } from './roster.ts'
import { itemOf, type KeptItem, keepItem, noItem } from './roster-item.ts'

const romeo = jid('romeo@localhost')
const juliet = jid('juliet@localhost')

for (const one of subscriptionCases) {
  const { direction, type, name, before, after, goesOn } = one
  test(`RFC 6121 Appendix A: ${direction} ${type}, ${name}: what is kept, and who is told`, async () => {
    await using local = await inMemoryServer({ extensions: [roster] })
    const host = local.server.host('localhost') as Host
    const kept = host.store.collection<KeptItem>('roster')
    const request = one.before.isPendingIn ? `<presence type='subscribe'/>` : undefined
    await kept.set(
      'juliet',
      romeo.toString(),
      keepItem({ ...noItem, ...one.before, isListed: true, request }),
    )
    const told = await (direction === 'outbound' ? sends(local, host, one) : receives(local, host, one))
    assert.equal(told.includes(type), goesOn, `told: ${told}`)
    // §3.1.6, §3.2.3, §3.3.3: where nothing changes, nothing is pushed either.
    if (before === after) assert.equal(told.includes('push'), false)
    const { to, from, isPendingOut, isPendingIn } = itemOf((await kept.get('juliet', romeo.toString())) ?? {})
    assert.deepEqual(
      { to, from, isPendingOut, isPendingIn },
      { to: after.to, from: after.from, isPendingOut: after.isPendingOut, isPendingIn: after.isPendingIn },
    )
  })
}

type Local = Awaited<ReturnType<typeof inMemoryServer>>

/** Juliet sends it; answers the types of what comes to Romeo’s account. */
async function sends(local: Local, host: Host, { type }: SubscriptionCase): Promise<string[]> {
  const told = await silence(host)
  const client = await local.connect('juliet@localhost/balcony')
  await client.send(`<presence type='${type}' to='romeo@localhost'/>`)
  return told
}

/** It comes to Juliet; answers the types of presence that her client is given, and `push` for a push of the roster. */
async function receives(local: Local, host: Host, { type }: SubscriptionCase): Promise<string[]> {
  await silence(host)
  const client = await online(local, 'juliet@localhost/balcony')
  await host.receive(new Presence(type, { from: romeo, to: juliet }))
  return client.takeAll().map((told) => (told.name === 'iq' ? 'push' : (told.attribute('type') ?? '')))
}

/** Romeo’s account takes presence, notes its type, and answers nothing. */
async function silence(host: Host): Promise<string[]> {
  await host.accounts.create(romeo, 'password')
  const told: string[] = []
  host.presenceReceived.add('check', ({ presence, account }) => {
    if (!account.jid.equals(romeo)) return
    told.push(presence.type)
    return 'stop'
  })
  return told
}
