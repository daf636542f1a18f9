// A hundred thousand messages for somebody who does not take them: memory stays bounded, and none is lost.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { HostileTarget } from './hostile-target.ts'
import type { RawClient } from './raw-client.ts'

const messages = 100_000
const batch = 1000
const mebibyte = 1024 * 1024
const management = "xmlns='urn:xmpp:sm:3'"
const archive = "xmlns='urn:xmpp:mam:2'"
const noArchive = `<prefs ${archive} default='never'><always/><never/></prefs>`

/** Somebody logs in, wants messages, and lets the server count. */
async function receiver(target: HostileTarget, user: 'juliet' | 'nurse'): Promise<RawClient> {
  const client = await target.login(user, 'away')
  client.write(`<presence><priority>1</priority></presence>`)
  await client.until(/<presence[^>]*>/)
  return client
}

/** Sends a hundred thousand messages, which the server says it has dealt with; answers which of them came back. */
async function flood(sender: RawClient, to: string): Promise<ReadonlySet<string>> {
  const bounced = new Set<string>()
  const text = 'x'.repeat(100)
  let heard = 0
  for (let sent = 0; sent < messages; sent += batch) {
    const stanza = (_: unknown, index: number) =>
      `<message to='${to}' type='chat' id='${sent + index}'><body>${sent + index} ${text}</body></message>`
    sender.write(`${Array.from({ length: batch }, stanza).join('')}<r ${management}/>`)
    const answer = await sender.until(`<a xmlns='urn:xmpp:sm:3' h='${sent + batch}'/>`)
    for (const [, id] of answer.matchAll(/<message[^>]* type='error'[^>]* id='(\d+)'/g)) bounced.add(id ?? '')
    heard += answer.match(/<(message|presence|iq) /g)?.length ?? 0
    sender.write(`<a ${management} h='${heard}'/>`)
  }
  return bounced
}

/** How many messages an archive holds. */
async function archived(client: RawClient): Promise<number> {
  const set = `<set xmlns='http://jabber.org/protocol/rsm'><max>0</max></set>`
  const answer = await client.request('set', `<query ${archive}>${set}</query>`)
  return Number(/<count>(\d+)<\/count>/.exec(answer)?.[1])
}

async function start(t: TestContext) {
  const target = await HostileTarget.start(t, { storage: 'sqlite', 'limits.outputBytes': mebibyte })
  const romeo = await target.login('romeo')
  await romeo.request('set', noArchive)
  romeo.write(`<enable ${management}/>`)
  await romeo.until('<enabled')
  return { target, romeo, before: await target.memory() }
}

function assertBounded(before: { used: number; peak: number }, after: { used: number; peak: number }): void {
  assert.ok(after.used - before.used < 32 * mebibyte, `${after.used - before.used} bytes are still used`)
  assert.ok(after.peak - before.peak < 256 * mebibyte, `${after.peak - before.peak} bytes more at the peak`)
}

test('100,000 messages for a session that sleeps: they wait, or go back to who sent them', async (t) => {
  const { target, romeo, before } = await start(t)
  const juliet = await receiver(target, 'juliet')
  await juliet.request('set', noArchive)
  juliet.write(`<enable ${management} resume='true'/>`)
  await juliet.until('<enabled')
  juliet.destroy()
  await target.logged('connection-lost')
  const bounced = await flood(romeo, 'juliet@localhost')
  assertBounded(before, await target.memory())
  const again = await target.login('juliet', 'back')
  again.write('<presence/>')
  const last = Array.from({ length: messages }, (_, id) => String(id)).findLast((id) => !bounced.has(id))
  await again.until(`<body>${last} `)
  const waited = [...again.taken.matchAll(/<body>(\d+) /g)].map(([, id]) => id ?? '')
  assert.deepEqual(
    waited,
    waited.toSorted((one, other) => Number(one) - Number(other)),
  )
  assert.equal(new Set([...waited, ...bounced]).size, messages)
  assert.equal(waited.length + bounced.size, messages)
  target.assertNoBugs()
})

test('100,000 messages for a client that never reads: all of them are in the archive', async (t) => {
  const { target, romeo, before } = await start(t)
  const nurse = await receiver(target, 'nurse')
  nurse.pause()
  const bounced = await flood(romeo, 'nurse@localhost')
  assertBounded(before, await target.memory())
  assert.equal(bounced.size, 0)
  assert.equal(await archived(await target.login('nurse', 'back')), messages)
  target.assertNoBugs()
})
