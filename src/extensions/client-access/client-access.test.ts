import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authenticate, elementsIn, phoneId, plainMessage, tabletId } from '../../../test/sasl2.ts'
import { bind, givenToken, opened, sasl2Server, withPassword, withToken } from '../../../test/sasl2-peer.ts'
import { bindRequest, header, plain, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import type { Element } from '../../xml/element.ts'
import { standard } from '../standard/standard.ts'

const namespace = 'urn:xmpp:cam:0'
const dayMs = 86_400_000
const start = (options = {}) => sasl2Server(standard, { 'client-access': options })
const juliet = jid('juliet@localhost')

async function request(peer: TestPeer, type: 'get' | 'set', payload: string): Promise<Element> {
  const answer = await peer.exchange(`<iq type='${type}' id='r'>${payload}</iq>`)
  const iq = elementsIn(answer).find((element) => element.is('iq', 'jabber:client'))
  assert.ok(iq, answer)
  return iq
}

const revoke = (peer: TestPeer, id: string) =>
  request(peer, 'set', `<revoke xmlns='${namespace}' id='${id}'/>`)
const conditionOf = (iq: Element) =>
  iq.child('error')?.children.map((child) => typeof child !== 'string' && child.name)

async function clientsOf(peer: TestPeer): Promise<Element[]> {
  const list = await request(peer, 'get', `<list xmlns='${namespace}'/>`)
  return (list.child('clients', namespace)?.children ?? []).filter(
    (child): child is Element => typeof child !== 'string',
  )
}

const summary = (client: Element) => ({
  connected: client.attribute('connected'),
  software: client.child('user-agent')?.child('software')?.text,
  device: client.child('user-agent')?.child('device')?.text,
  auth: client.child('auth')?.children.map((child) => typeof child !== 'string' && child.name),
  permission: client.child('permission')?.attribute('status'),
})

async function online(
  local: Awaited<ReturnType<typeof start>>,
  agent: string,
  software: string,
): Promise<TestPeer> {
  const peer = await opened(local)
  const message = plainMessage('juliet', 'secret')
  const says = { agent, software, device: `Juliet’s ${software}` }
  await peer.exchange(authenticate({ mechanism: 'PLAIN', message, ...says, more: bind() }))
  return peer
}

test('XEP-0494 §3.1: the owner sees the clients that have been there, with what they say of themselves', async () => {
  await using local = await start()
  const phone = await online(local, phoneId, 'phone')
  const tablet = await online(local, tabletId, 'tablet')
  await tablet.exchange('</stream:stream>')
  const common = { auth: ['password'], permission: 'unrestricted' }
  assert.deepEqual((await clientsOf(phone)).map(summary), [
    { connected: 'true', software: 'phone', device: 'Juliet’s phone', ...common },
    { connected: 'false', software: 'tablet', device: 'Juliet’s tablet', ...common },
  ])
})

test('XEP-0494 §3.1: when a client came first and last, and that it has a token', async () => {
  await using local = await start()
  const token = await givenToken(local)
  local.clock.advance(dayMs)
  const { peer } = await withToken(local, token, { more: bind() })
  const [client] = await clientsOf(peer)
  assert.equal(client?.child('first-seen')?.text, '2026-01-01T00:00:00Z')
  assert.equal(client?.child('last-seen')?.text, '2026-01-02T00:00:00Z')
  assert.deepEqual(client && summary(client).auth, ['fast'])
})

test('clients that say nothing of themselves are listed while they are there', async () => {
  await using local = await start()
  const peer = await opened(local)
  await peer.exchange(plain('juliet', 'secret'))
  await peer.exchange(header())
  await peer.exchange(bindRequest('old'))
  const [client, ...others] = await clientsOf(peer)
  assert.equal(others.length, 0)
  assert.equal(client?.attribute('connected'), 'true')
})

test('XEP-0388 §2.3: what a client says of itself is not shown to others, nor kept as it is, nor in its address', async () => {
  await using local = await start()
  const phone = await online(local, phoneId, 'phone')
  const shown = (await clientsOf(phone)).map(String).join()
  assert.doesNotMatch(shown, new RegExp(phoneId))
  assert.doesNotMatch(phone.stream.peer?.jid.toString() ?? phoneId, new RegExp(phoneId.slice(0, 8)))
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(`<iq type='get' id='spy' to='juliet@localhost'><list xmlns='${namespace}'/></iq>`)
  assert.equal((await romeo.receive())?.attribute('type'), 'error')
})

const idOfTablet = async (phone: TestPeer) =>
  (await clientsOf(phone)).find((client) => summary(client).software !== 'phone')?.attribute('id') ?? ''

test('XEP-0494 §3.2: who comes by a token is shut out: its sessions end, and it does not come back', async () => {
  await using local = await start()
  const phone = await online(local, phoneId, 'phone')
  const token = await givenToken(local, tabletId)
  const { peer: tablet } = await withToken(local, token, { agent: tabletId, more: bind() })
  assert.equal((await revoke(phone, await idOfTablet(phone))).attribute('type'), 'result')
  assert.match(await tablet.read(), /<not-authorized /)
  assert.match((await withToken(local, token, { agent: tabletId })).answer, /<not-authorized /)
  assert.equal((await clientsOf(phone)).length, 1)
})

test('XEP-0494 §3.2: who knows the password is shut out too, and the owner told that it could come again', async () => {
  await using local = await start()
  const phone = await online(local, phoneId, 'phone')
  const token = await givenToken(local, tabletId)
  const { peer: tablet } = await withPassword(local, { agent: tabletId, more: bind() })
  const answer = await revoke(phone, await idOfTablet(phone))
  assert.deepEqual(conditionOf(answer), ['service-unavailable', 'text', 'password-reset-required'])
  assert.match(await tablet.read(), /<not-authorized /)
  assert.match((await withToken(local, token, { agent: tabletId })).answer, /<not-authorized /)
  await local.host.accounts.setPassword(juliet, 'another')
  assert.equal((await revoke(phone, await idOfTablet(phone))).attribute('type'), 'result')
})

test('XEP-0494 §3.2: an id that nobody has is not found', async () => {
  await using local = await start()
  const phone = await online(local, phoneId, 'phone')
  for (const id of ['', 'nobody', phoneId])
    assert.deepEqual(conditionOf(await revoke(phone, id))?.[0], 'item-not-found')
})

test('clients of another account cannot be revoked', async () => {
  await using local = await start()
  const phone = await online(local, phoneId, 'phone')
  const [own] = await clientsOf(phone)
  const { peer: romeo } = await withPassword(local, { username: 'romeo', agent: tabletId, more: bind() })
  assert.equal(conditionOf(await revoke(romeo, own?.attribute('id') ?? ''))?.[0], 'item-not-found')
  assert.equal((await clientsOf(phone)).length, 1)
})

test('there are no more clients than there may be; those that were away longest are forgotten', async () => {
  await using local = await start({ maxClients: 2 })
  for (const digit of ['1', '2', '3']) {
    await online(local, phoneId.replace(/.$/, digit), `phone ${digit}`)
    local.clock.advance(dayMs)
  }
  const kept = (await local.host.store.keyValue('clients').get('juliet')) as Record<
    string,
    { software: string }
  >
  assert.deepEqual(
    Object.values(kept)
      .map(({ software }) => software)
      .sort(),
    ['phone 2', 'phone 3'],
  )
})

test('a client that does not come again is forgotten', async () => {
  await using local = await start({ keepDays: 10 })
  await online(local, tabletId, 'tablet')
  local.clock.advance(10 * dayMs)
  const phone = await online(local, phoneId, 'phone')
  const seen = (await clientsOf(phone)).filter((client) => summary(client).software !== undefined)
  assert.deepEqual(
    seen.map((client) => summary(client).software),
    ['phone'],
  )
})
