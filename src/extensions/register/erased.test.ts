// XEP-0077 §3.2: who leaves takes everything along.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { pause } from '../../../test/pause.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { serialize } from '../../xml/serialize.ts'
import { standard } from '../standard/standard.ts'

const mark = 'wherefore'
const iq = (type: 'get' | 'set', inside: string) => `<iq type='${type}' id='i'>${inside}</iq>`
const pubsub = (inside: string) => `<pubsub xmlns='http://jabber.org/protocol/pubsub'>${inside}</pubsub>`

/** What an account leaves behind, each as it is made, and as it is read. */
const belongings: Readonly<Record<string, readonly [make: string, read: string]>> = {
  contacts: [
    iq('set', `<query xmlns='jabber:iq:roster'><item jid='juliet@localhost' name='${mark}'/></query>`),
    iq('get', `<query xmlns='jabber:iq:roster'/>`),
  ],
  'whom it blocks': [
    iq('set', `<block xmlns='urn:xmpp:blocking'><item jid='${mark}@localhost'/></block>`),
    iq('get', `<blocklist xmlns='urn:xmpp:blocking'/>`),
  ],
  'private elements': [
    iq('set', `<query xmlns='jabber:iq:private'><a xmlns='urn:a'>${mark}</a></query>`),
    iq('get', `<query xmlns='jabber:iq:private'><a xmlns='urn:a'/></query>`),
  ],
  'its vCard': [
    iq('set', `<vCard xmlns='vcard-temp'><DESC>${mark}</DESC></vCard>`),
    iq('get', `<vCard xmlns='vcard-temp'/>`),
  ],
  'a node': [
    iq('set', pubsub(`<publish node='urn:n'><item id='1'><a xmlns='urn:a'>${mark}</a></item></publish>`)),
    iq('get', pubsub(`<items node='urn:n'/>`)),
  ],
  'its archive': [
    `<message to='romeo@localhost' type='chat'><body>${mark}</body></message>`,
    iq('set', `<query xmlns='urn:xmpp:mam:2'/>`),
  ],
  'what is archived': [
    iq(
      'set',
      `<prefs xmlns='urn:xmpp:mam:2' default='always'><never><jid>${mark}@localhost</jid></never></prefs>`,
    ),
    iq('get', `<prefs xmlns='urn:xmpp:mam:2'/>`),
  ],
  'when it was left': [
    `<presence type='unavailable'><status>${mark}</status></presence>`,
    iq('get', `<query xmlns='jabber:iq:last'/>`),
  ],
}

async function asked(client: MemoryClient, request: string): Promise<string> {
  client.takeAll()
  await client.send(request)
  await pause()
  return client
    .takeAll()
    .map((stanza) => serialize(stanza))
    .join('')
}

/** Of what the account of Romeo has something, by asking it. */
async function found(client: MemoryClient): Promise<string[]> {
  const names: string[] = []
  for (const [name, [, read]] of Object.entries(belongings))
    if ((await asked(client, read)).includes(mark)) names.push(name)
  return names
}

async function romeoLeaves(local: InMemory): Promise<void> {
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  for (const [make] of Object.values(belongings)) await asked(romeo, make)
  assert.deepEqual(await found(romeo), Object.keys(belongings), 'it is there')
  assert.match(
    await asked(romeo, iq('set', `<query xmlns='jabber:iq:register'><remove/></query>`)),
    /type='result'/,
  )
}

test('XEP-0077 §3.2: nothing of an account that its owner has left is there for the next of its name', async () => {
  await using local = await inMemoryServer({ extensions: standard })
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeoLeaves(local)
  await juliet.send(`<message to='romeo@localhost' type='chat'><body>${mark}</body></message>`)
  assert.equal(juliet.takeAll().at(-1)?.attribute('type'), 'error', 'nobody is there to read it')
  const next = await local.connect('romeo@localhost/orchard')
  await next.send('<presence/>')
  await pause()
  assert.ok(!next.takeAll().some((stanza) => serialize(stanza).includes(mark)), 'nothing has been waiting')
  assert.deepEqual(await found(next), [])
})
