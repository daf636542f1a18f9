import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import type { Element } from '../../xml/element.ts'
import { disco } from '../disco/disco.ts'
import { externalServices } from './external-services.ts'

const namespace = 'urn:xmpp:extdisco:2'
const services = [
  { type: 'stun', host: 'stun.example', port: 3478, transport: 'udp' },
  { type: 'turn', host: 'turn.example', port: 3478, transport: 'udp', secret: 'shared', ttlSeconds: 3600 },
  { type: 'turn', host: 'turn.example', port: 3479, transport: 'tcp', secret: 'shared', ttlSeconds: 3600 },
  { type: 'ftp', host: 'ftp.example', username: 'john', password: 'pass' },
]

async function ask(
  payload: string,
  from = 'romeo@localhost/orchard',
): Promise<{ answer: Element; now: number }> {
  const options = { 'external-services': { services } }
  await using local = await inMemoryServer({ extensions: [externalServices], options })
  const client = await local.connect(from)
  await client.send(`<iq type='get' id='i' to='localhost'>${payload}</iq>`)
  return { answer: client.takeAll()[0] as Element, now: local.clock.now() }
}

const types = (answer: Element) =>
  answer
    .elements()[0]
    ?.elements()
    .map((service) => service.attribute('type'))

test('XEP-0215 §3.1, §3.2: all services in their order, or those of one type', async () => {
  assert.deepEqual(types((await ask(`<services xmlns='${namespace}'/>`)).answer), [
    'stun',
    'turn',
    'turn',
    'ftp',
  ])
  assert.deepEqual(types((await ask(`<services xmlns='${namespace}' type='turn'/>`)).answer), [
    'turn',
    'turn',
  ])
  assert.deepEqual(types((await ask(`<services xmlns='${namespace}' type='none'/>`)).answer), [])
})

test('XEP-0215 §2: a password for a relay holds for a while: the name is its end, the password the HMAC of the name', async () => {
  const { answer, now } = await ask(`<services xmlns='${namespace}' type='turn'/>`)
  const turn = answer.elements()[0]?.elements()[0]
  const name = turn?.attribute('username') ?? ''
  assert.equal(Number(name), now / 1000 + 3600)
  assert.equal(turn?.attribute('password'), createHmac('sha1', 'shared').update(name).digest('base64'))
  assert.equal(Date.parse(turn?.attribute('expires') ?? ''), now + 3_600_000)
  assert.match(
    turn?.attribute('expires') ?? '',
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
    'XEP-0082, in UTC',
  )
  assert.equal(turn?.attribute('restricted'), '1')
})

test('XEP-0215 §3.3: passwords for one service; host and type must be named, and known', async () => {
  const credentials = (service: string) => ask(`<credentials xmlns='${namespace}'>${service}</credentials>`)
  const condition = async (service: string) =>
    (await credentials(service)).answer.child('error')?.elements()[0]?.name
  assert.deepEqual(types((await credentials(`<service host='turn.example' type='turn'/>`)).answer), [
    'turn',
    'turn',
  ])
  const { answer } = await credentials(`<service host='turn.example' type='turn' port='3479'/>`)
  const ports = answer.elements()[0]?.elements() ?? []
  assert.deepEqual(
    ports.map((service) => service.attribute('port')),
    ['3479'],
  )
  assert.equal(await condition(`<service host='turn.example'/>`), 'bad-request')
  assert.equal(await condition(''), 'bad-request')
  assert.equal(await condition(`<service host='other.example' type='turn'/>`), 'item-not-found')
})

test('XEP-0215 §5: who has no services to tell of says nothing of them', async () => {
  for (const [list, isTold] of [
    [services, true],
    [[], false],
  ] as const) {
    const options = { 'external-services': { services: list } }
    await using local = await inMemoryServer({ extensions: [externalServices], options })
    const host = local.server.host('localhost')
    assert.equal(host?.advertised.features.includes(namespace), isTold)
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send(`<iq type='get' id='i' to='localhost'><services xmlns='${namespace}'/></iq>`)
    assert.equal(romeo.takeAll()[0]?.attribute('type'), isTold ? 'result' : 'error')
  }
})

test('XEP-0215 §2: passwords are for accounts of this host', async () => {
  const options = { 'external-services': { services } }
  await using local = await inMemoryServer({ extensions: [externalServices], rooms: [disco], options })
  const stranger = await local.connect('romeo@rooms.localhost/orchard')
  for (const payload of [
    `<services xmlns='${namespace}'/>`,
    `<credentials xmlns='${namespace}'><service host='turn.example' type='turn'/></credentials>`,
  ]) {
    await stranger.send(`<iq type='get' id='i' to='localhost'>${payload}</iq>`)
    const [answer] = stranger.takeAll()
    assert.equal(answer?.child('error')?.elements()[0]?.name, 'forbidden')
  }
})
