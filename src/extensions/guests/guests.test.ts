import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { connectedPeer } from '../../../test/in-memory-peer.ts'
import { bindRequest, header, type TestPeer } from '../../../test/stream-peer.ts'
import type { Host } from '../../host/host.ts'
import { jid } from '../../jid/jid.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { muc } from '../muc/muc.ts'
import { pubsub } from '../pubsub/pubsub.ts'
import { standard } from '../standard/standard.ts'
import { guests } from './guests.ts'

const auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
const refused = /<error type='cancel'[^>]*><not-allowed /

const start = (options = {}) =>
  inMemoryServer({
    extensions: [...standard, guests],
    rooms: [muc],
    pubsub: [pubsub],
    options: { guests: options, muc: { create: 'local' } },
  })
const hostOf = (local: InMemory) => local.server.host('localhost') as Host

function connect(local: InMemory, remoteAddress = '192.0.2.1'): TestPeer {
  return connectedPeer(local, { remoteAddress })
}

/** A guest who has a session, and its full address. */
async function arrive(
  local: InMemory,
  remoteAddress?: string,
): Promise<{ guest: TestPeer; address: string }> {
  const guest = connect(local, remoteAddress)
  await guest.exchange(header())
  assert.match(await guest.exchange(auth), /^<success /)
  await guest.exchange(header())
  const bound = await guest.exchange(bindRequest('web'))
  return { guest, address: /<jid>([^<]+)<\/jid>/.exec(bound)?.[1] ?? bound }
}

async function settle(condition: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1000 && !(await condition()); turn += 1) await setImmediate()
}

test('XEP-0175 §3: a guest needs no name and no password, and is given a name that nobody can guess', async () => {
  await using local = await start()
  const first = await arrive(local)
  const second = await arrive(local)
  for (const { address } of [first, second])
    assert.match(address, new RegExp(`^${uuid.source}@localhost/web$`))
  assert.notEqual(first.address, second.address)
})

test('XEP-0175 §3: ANONYMOUS is offered only where guests are wanted', async () => {
  await using local = await inMemoryServer({ extensions: standard })
  const guest = connect(local)
  assert.doesNotMatch(await guest.exchange(header()), /ANONYMOUS/)
  assert.match(await guest.exchange(auth), /<invalid-mechanism\/>/)
})

test('RFC 4505 §2: what the client says for tracing is no name', async () => {
  await using local = await start()
  const guest = connect(local)
  await guest.exchange(header())
  const traced = auth.replace('/>', `>${btoa('juliet@localhost')}</auth>`)
  assert.match(await guest.exchange(traced), /^<success /)
  assert.match(guest.stream.user?.local ?? '', uuid)
})

test('XEP-0175 §5: disco tells that it is a guest', async () => {
  await using local = await start()
  const { guest } = await arrive(local)
  const query = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
  const info = await guest.exchange(`<iq type='get' id='i' to='${guest.stream.user}'>${query}</iq>`)
  assert.match(info, /<identity category='account' type='anonymous'\/>/)
  assert.doesNotMatch(info, /registered/)
})

const forbidden: Readonly<Record<string, string>> = {
  'a contact list':
    "<iq type='set' id='f'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost'/></query></iq>",
  'private data': "<iq type='set' id='f'><query xmlns='jabber:iq:private'><x xmlns='urn:x'/></query></iq>",
  'a vCard': "<iq type='set' id='f'><vCard xmlns='vcard-temp'/></iq>",
  'a password':
    "<iq type='set' id='f' to='localhost'><query xmlns='jabber:iq:register'><password>changeit!</password></query></iq>",
  'a subscription': "<presence type='subscribe' id='f' to='romeo@localhost'/>",
  'a nick of its own in a room':
    "<iq type='set' id='f' to='room@rooms.localhost'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'/></query></iq>",
  'a room that lasts':
    "<iq type='set' id='f' to='room@rooms.localhost'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_persistentroom'><value>1</value></field></x></query></iq>",
  'a room, where they are for accounts':
    "<presence id='f' to='new@rooms.localhost/me'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
  'a node of its own':
    "<iq type='set' id='f' to='pubsub.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='n'/></pubsub></iq>",
  'news of a node':
    "<iq type='set' id='f' to='pubsub.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='n' jid='me@localhost'/></pubsub></iq>",
  'a message to another server': "<message id='f' to='romeo@example.org'><body>hi</body></message>",
  'presence to another server': "<presence id='f' to='room@example.org/me'/>",
  'a request to another server': "<iq type='get' id='f' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>",
}

for (const [what, stanza] of Object.entries(forbidden)) {
  test(`XEP-0175 §3: a guest may not have ${what}`, async () => {
    await using local = await start()
    const { guest } = await arrive(local)
    assert.match(await guest.exchange(stanza), refused)
  })
}

test('a guest may talk to those who are here', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const { guest, address } = await arrive(local)
  guest.send("<message type='chat' to='romeo@localhost/orchard'><body>hi</body></message>")
  const message = await romeo.receive()
  assert.equal(message?.attribute('from'), address)
})

test('XEP-0175 §3: nothing is left of a guest who has gone, and nobody can write to it', async () => {
  const storage = sqlite(':memory:')
  await using local = await inMemoryServer({ extensions: [...standard, guests], storage })
  const { guest, address } = await arrive(local)
  const bare = jid(address).bare
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(`<message type='chat' to='${address}'><body>for the archive</body></message>`)
  await guest.exchange('</stream:stream>')
  const { accounts } = hostOf(local)
  await settle(async () => !(await accounts.exists(bare)))
  assert.equal(await accounts.exists(bare), false)
  assert.equal(await storage.archive('localhost/archive').count(bare.local), 0)
  assert.deepEqual(await storage.keyValue('localhost/guests').owners(), [])
  await romeo.send(`<message type='chat' to='${bare}' id='late'><body>too late</body></message>`)
  assert.equal((await romeo.receive())?.attribute('type'), 'error')
})

test('a guest who never binds a resource is forgotten', async () => {
  await using local = await start()
  const guest = connect(local)
  await guest.exchange(header())
  await guest.exchange(auth)
  const user = guest.stream.user as ReturnType<typeof jid>
  assert.equal(await hostOf(local).accounts.exists(user), true)
  local.clock.advance(120_000)
  await settle(async () => !(await hostOf(local).accounts.exists(user)))
  assert.equal(await hostOf(local).accounts.exists(user), false)
})

test('what guests had is erased at the next start, if the server was killed', async () => {
  const storage = sqlite(':memory:')
  await storage.keyValue('localhost/guests').set('left-over', 1)
  await storage.keyValue('localhost/private').set('left-over', 'data')
  await using local = await inMemoryServer({ extensions: [...standard, guests], storage })
  const kept = storage.keyValue('localhost/private')
  await settle(async () => (await kept.get('left-over')) === undefined)
  assert.equal(await kept.get('left-over'), undefined)
  assert.equal(await hostOf(local).accounts.exists(jid('left-over@localhost')), false)
})

test('there are no more guests than there may be, in total and from one address', async () => {
  await using local = await start({ most: 3, mostPerAddress: 2 })
  const { guest } = await arrive(local)
  await arrive(local)
  const third = connect(local)
  await third.exchange(header())
  assert.match(await third.exchange(auth), /<temporary-auth-failure\/>/)
  await arrive(local, '192.0.2.2')
  const fifth = connect(local, '192.0.2.3')
  await fifth.exchange(header())
  assert.match(await fifth.exchange(auth), /<temporary-auth-failure\/>/)
  await guest.exchange('</stream:stream>')
  await settle(async () => /^<success/.test(await third.exchange(auth)))
  assert.ok(third.stream.user)
})
