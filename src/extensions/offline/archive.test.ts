// XEP-0160 beside XEP-0313: a client that reads the archive is not given the same again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { pause } from '../../../test/pause.ts'
import { jid } from '../../jid/jid.ts'
import { archive } from '../archive/archive.ts'
import { roster } from '../roster/roster.ts'
import { offline } from './offline.ts'

const message = (body: string) =>
  `<message to='juliet@localhost' type='chat' id='${body}'><body>${body}</body></message>`
const query = (max: number) =>
  `<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>${max}</max></set></query></iq>`

test('XEP-0313 §3: what a client has read in the archive before its presence is not given again; the rest is', async () => {
  await using local = await inMemoryServer({ extensions: [offline, roster, archive] })
  await local.server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const body of ['1', '2', '3']) await romeo.send(message(body))
  const given = async (address: string, ...before: string[]) => {
    const juliet = await local.connect(address)
    for (const text of before) await juliet.send(text)
    juliet.takeAll()
    await juliet.send('<presence/>')
    await pause()
    const bodies = juliet.takeAll().map((stanza) => stanza.child('body')?.text)
    juliet.close()
    await pause()
    return bodies.filter((body) => body !== undefined)
  }
  assert.deepEqual(await given('juliet@localhost/phone', query(2)), ['3'])
  assert.deepEqual(await given('juliet@localhost/desk'), [], 'she has them all')
})
