import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type InMemory, type InMemoryParts, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer } from '../../../test/in-memory-peer.ts'
import { bindRequest, KeptLog, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'
import { clientState } from '../client-state/client-state.ts'
import { disco } from '../disco/disco.ts'
import { offline } from '../offline/offline.ts'
import { roster } from '../roster/roster.ts'
import { push } from './push.ts'

const namespace = 'urn:xmpp:push:0'
const pubsub = 'http://jabber.org/protocol/pubsub'
const service = 'push@localhost/service'
const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas'

const start = (options = {}, parts: InMemoryParts = {}) =>
  inMemoryServer({
    extensions: [offline, roster, clientState, disco, push],
    options: { push: options, 'stream-management': { resumeSeconds: 60 } },
    ...parts,
  })

const optionsForm = (secret: string, type = `${pubsub}#publish-options`) =>
  `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${type}</value></field><field var='secret'><value>${secret}</value></field></x>`
const enable = (node = 'n', inside = '', to = service) =>
  `<iq type='set' id='e'><enable xmlns='${namespace}' jid='${to}' node='${node}'>${inside}</enable></iq>`
const disable = (node?: string) =>
  `<iq type='set' id='d'><disable xmlns='${namespace}' jid='${service}'${node === undefined ? '' : ` node='${node}'`}/></iq>`
const message = (text: string, { type = 'chat', to = 'juliet@localhost', more = '' } = {}) =>
  `<message to='${to}' type='${type}'><body>${text}</body>${more}</message>`

/** What a request was answered with: `result`, or the condition of the error. */
async function ask(client: MemoryClient, text: string): Promise<string | undefined> {
  client.takeAll()
  await client.send(text)
  const [answer] = client.takeAll()
  return answer?.child('error')?.elements()[0]?.name ?? answer?.attribute('type')
}

/** The service that is told, and Romeo, who writes; Juliet has asked for it with `requests` and is gone. */
async function play(
  local: InMemory,
  requests: readonly string[] = [enable()],
): Promise<{ app: MemoryClient; romeo: MemoryClient }> {
  const app = await local.connect(service)
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const request of requests) assert.equal(await ask(juliet, request), 'result', request)
  juliet.close()
  await settled()
  return { app, romeo }
}

/** Writes to Juliet, and lets whatever follows happen. */
async function say(client: MemoryClient, text: string): Promise<void> {
  await client.send(message(text))
  await settled()
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

/** The requests that came to the service. */
async function published(app: MemoryClient): Promise<Element[]> {
  await settled()
  return app.takeAll().filter((stanza) => stanza.child('pubsub', pubsub))
}

/** The fields of what was published in a request. */
function summaryOf(request: Element | undefined): Record<string, string | undefined> {
  const notification = request
    ?.child('pubsub', pubsub)
    ?.child('publish')
    ?.child('item')
    ?.child('notification', namespace)
  const fields = notification?.child('x', 'jabber:x:data')?.elements('field') ?? []
  return Object.fromEntries(fields.map((field) => [field.attribute('var'), field.child('value')?.text]))
}

async function summaries(app: MemoryClient): Promise<Record<string, string | undefined>[]> {
  return (await published(app)).map(summaryOf)
}

const counts = async (app: MemoryClient) => (await summaries(app)).map((fields) => fields['message-count'])
const result = (request: Element | undefined) =>
  `<iq type='result' to='localhost' id='${request?.attribute('id')}'/>`
const error = (request: Element | undefined, condition: string, type: string) =>
  `<iq type='error' to='localhost' id='${request?.attribute('id')}'><error type='${type}'><${condition} xmlns='${stanzas}'/></error></iq>`

test('XEP-0357 §7: a message for somebody who is not there is published at the node that was named', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  await romeo.send(message('Wherefore?'))
  const [request] = await published(app)
  assert.equal(request?.attribute('from'), 'localhost')
  assert.equal(request?.attribute('type'), 'set')
  const publish = request?.child('pubsub', pubsub)?.child('publish')
  assert.equal(publish?.attribute('node'), 'n')
  assert.equal(request?.child('pubsub', pubsub)?.child('publish-options'), undefined)
  assert.deepEqual(summaryOf(request), {
    FORM_TYPE: 'urn:xmpp:push:summary',
    'message-count': '1',
    'last-message-sender': 'romeo@localhost/orchard',
    'pending-subscription-count': '0',
  })
})

test('XEP-0357 §5, §7: what the client gave for the service goes along, the last that it gave', async () => {
  await using local = await start()
  const { app, romeo } = await play(local, [enable('n', optionsForm('old')), enable('n', optionsForm('new'))])
  await romeo.send(message('1'))
  const requests = await published(app)
  assert.equal(requests.length, 1)
  const form = requests[0]?.child('pubsub', pubsub)?.child('publish-options')?.child('x', 'jabber:x:data')
  assert.deepEqual(
    form?.elements('field').map((field) => [field.attribute('var'), field.child('value')?.text]),
    [
      ['FORM_TYPE', `${pubsub}#publish-options`],
      ['secret', 'new'],
    ],
  )
})

test('XEP-0357 §9: what a message says is told if the host says so, in part; who sent it unless it says not', async () => {
  for (const [options, expected] of [
    [{ withBody: true }, ['romeo@localhost/orchard', `${'x'.repeat(199)}`]],
    [{ withSender: false }, [undefined, undefined]],
  ] as const) {
    await using local = await start(options)
    const { app, romeo } = await play(local)
    await romeo.send(message(`${'x'.repeat(199)}😀`))
    const [fields] = await summaries(app)
    assert.deepEqual([fields?.['last-message-sender'], fields?.['last-message-body']], expected)
  }
})

test('XEP-0357 §4.1: the account says that it can', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send(`<iq type='get' id='i'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`)
  const features = juliet.inbox[0]?.elements()[0]?.elements('feature') ?? []
  assert.ok(features.some((feature) => feature.attribute('var') === namespace))
})

test('XEP-0357 §5, §6: each node is told for itself; disabling ends one, or all of the service', async () => {
  const nodes = async (...requests: string[]) => {
    await using local = await start()
    const { app, romeo } = await play(local, requests)
    await romeo.send(message('1'))
    const requested = await published(app)
    return requested.map((request) => request.child('pubsub', pubsub)?.child('publish')?.attribute('node'))
  }
  const noNode = enable().replace(` node='n'`, '')
  assert.deepEqual(await nodes(enable('a'), enable('b'), enable('a')), ['a', 'b'])
  assert.deepEqual(await nodes(enable('a'), enable('b'), disable('a')), ['b'])
  assert.deepEqual(await nodes(enable('a'), noNode, disable()), [])
  assert.deepEqual(await nodes(noNode, disable('a')), [undefined])
})

test('XEP-0357 §5: what is no request, too many and too much are refused', async () => {
  await using local = await start({ maxServices: 2, maxBytes: 40 })
  const juliet = await local.connect('juliet@localhost/balcony')
  const refused = {
    'bad-request': [
      enable().replace(` jid='${service}'`, ''),
      disable().replace(` jid='${service}'`, ''),
      enable('n', optionsForm('s', 'urn:else')),
    ],
    'jid-malformed': [enable('n', '', '@'), disable().replace(service, '@')],
    'not-acceptable': [enable('x'.repeat(2048)), enable('n', optionsForm('x'.repeat(40)))],
  }
  for (const [condition, requests] of Object.entries(refused)) {
    for (const request of requests) assert.equal(await ask(juliet, request), condition, request)
  }
  for (const node of ['a', 'b', 'a']) assert.equal(await ask(juliet, enable(node)), 'result')
  assert.equal(await ask(juliet, enable('c')), 'resource-constraint')
  assert.equal(await ask(juliet, disable('a')), 'result')
  assert.equal(await ask(juliet, enable('c')), 'result')
  const romeo = await local.connect('romeo@localhost/orchard')
  const foreign = enable().replace('<iq ', `<iq to='juliet@localhost' `)
  assert.equal(await ask(romeo, foreign), 'service-unavailable')
})

test('nothing is told of what nobody needs to read at once', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send(message('1', { type: 'headline' }))
  await romeo.send(message('1', { type: 'error' }))
  await romeo.send(message(''))
  await romeo.send(message('1', { more: `<no-store xmlns='urn:xmpp:hints'/>` }))
  await romeo.send(
    `<message to='juliet@localhost' type='chat'><received xmlns='urn:xmpp:receipts' id='1'/></message>`,
  )
  await juliet.send(message('a note to myself', { to: 'juliet@localhost' }))
  assert.deepEqual(await counts(app), [])
})

test('nothing is told while somebody is there to see it, and then it is counted from the beginning', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  for (const text of ['1', '2']) await say(romeo, text)
  assert.deepEqual(await counts(app), ['1', '2'])
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send(message('3'))
  assert.deepEqual(await counts(app), ['1'], 'a client that has not said that it is available sees nothing')
  await juliet.send('<presence/>')
  await romeo.send(message('4'))
  assert.deepEqual(await counts(app), [])
  juliet.close()
  await settled()
  await romeo.send(message('5'))
  assert.deepEqual(await counts(app), ['1'])
})

/** Juliet's client on a stream, with stream management; answers its SM-ID, too. */
async function streaming(local: InMemory): Promise<{ peer: TestPeer; id: string | undefined }> {
  const peer = await authenticatedPeer(local)
  await peer.exchange(bindRequest('phone'))
  const enabled = await peer.exchange(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`)
  await peer.exchange('<presence/>')
  return { peer, id: /id='([^']*)'/.exec(enabled)?.[1] }
}

test('with XEP-0352: who does not look at the client is told, and not any more once it is active', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const { peer } = await streaming(local)
  peer.send(`<inactive xmlns='urn:xmpp:csi:0'/>`)
  await peer.settled()
  const to = 'juliet@localhost/phone'
  for (const type of ['headline', 'error']) await romeo.send(message('not to be read at once', { type, to }))
  for (const text of ['1', '2']) await say(romeo, text)
  assert.deepEqual(await counts(app), ['1', '2'])
  peer.send(`<active xmlns='urn:xmpp:csi:0'/>`)
  await peer.settled()
  await romeo.send(message('3'))
  assert.deepEqual(await counts(app), [])
  peer.send(`<inactive xmlns='urn:xmpp:csi:0'/>`)
  await peer.settled()
  await romeo.send(message('4'))
  assert.deepEqual(await counts(app), ['1'])
})

test('with XEP-0198: a client that has lost its connection is told of, until it comes back; and not twice of the same', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const { peer, id } = await streaming(local)
  peer.transport.destroy()
  await peer.settled()
  for (const text of ['1', '2']) await say(romeo, text)
  assert.deepEqual(await counts(app), ['1', '2'])
  const again = await authenticatedPeer(local)
  await again.exchange(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`)
  again.transport.destroy()
  await again.settled()
  await romeo.send(message('3'))
  assert.deepEqual(await counts(app), ['1'])
  local.clock.advance(60_000)
  await settled()
  assert.deepEqual(await counts(app), [], 'the session is over, its messages wait elsewhere')
})

test('with XEP-0198: what was given to a dead client, and was never told, is told when its session is over', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const { peer } = await streaming(local)
  for (const text of ['1', '2']) await say(romeo, text)
  assert.deepEqual(await counts(app), [])
  peer.transport.destroy()
  await peer.settled()
  local.clock.advance(60_000)
  await settled()
  assert.deepEqual(await counts(app), ['2'], 'both at once')
})

test('XEP-0357 §10: requests to see presence are told, with how many wait', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  await romeo.send(`<presence type='subscribe' to='juliet@localhost'/>`)
  const [fields] = await summaries(app)
  assert.equal(fields?.['pending-subscription-count'], '1')
  assert.equal(fields?.['message-count'], '0')
  assert.equal(fields?.['last-message-sender'], undefined)
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send('<presence/>')
  const nurse = await local.connect('nurse@localhost/house')
  await nurse.send(`<presence type='subscribe' to='juliet@localhost'/>`)
  assert.deepEqual(await summaries(app), [], 'who is there sees it')
})

test('a bounded number of times in a minute something is told; the next says how much came meanwhile', async () => {
  await using local = await start({ perMinute: 2 })
  const { app, romeo } = await play(local)
  for (const text of ['1', '2', '3', '4']) await say(romeo, text)
  assert.deepEqual(await counts(app), ['1', '2'])
  local.clock.advance(60_000)
  await romeo.send(message('5'))
  assert.deepEqual(await counts(app), ['5'])
})

test('XEP-0357 §7.1: a service that refuses is told no more, one that only fails for now is, for a while', async () => {
  const log = new KeptLog()
  await using local = await start({ maxFailures: 3, perMinute: 0 }, { log })
  const { app, romeo } = await play(local, [enable('n', optionsForm('s3cret'))])
  /** What comes to the service, answered with `answer`. */
  const told = async (answer: (request: Element | undefined) => string) => {
    await romeo.send(message('1'))
    const requests = await published(app)
    if (requests[0]) await app.send(answer(requests[0]))
    await settled()
    return requests.length
  }
  const fails = (request: Element | undefined) => error(request, 'internal-server-error', 'cancel')
  for (const answer of [fails, fails, result, fails, fails]) assert.equal(await told(answer), 1)
  assert.equal(await told(fails), 1)
  assert.equal(await told(fails), 0)
  const disabled = log.entries.filter(({ event }) => event === 'push-disabled')
  assert.deepEqual(disabled[0]?.data, {
    account: 'juliet@localhost',
    service,
    condition: 'internal-server-error',
  })
  const juliet = await local.connect('juliet@localhost/balcony')
  await ask(juliet, enable('n', optionsForm('s3cret')))
  const isBusy = (request: Element | undefined) => error(request, 'resource-constraint', 'wait')
  for (const answer of [fails, fails, isBusy, isBusy]) assert.equal(await told(answer), 1)
  assert.equal(await told((request) => error(request, 'item-not-found', 'cancel')), 1)
  assert.equal(await told(result), 0)
  assert.doesNotMatch(JSON.stringify(log.entries), /s3cret/)
})

test('XEP-0357 §7.1: a client that asks again while the service refuses is listened to', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  await romeo.send(message('1'))
  const [request] = await published(app)
  local.clock.advance(1)
  const juliet = await local.connect('juliet@localhost/balcony')
  await ask(juliet, enable())
  await app.send(error(request, 'forbidden', 'auth'))
  await settled()
  await romeo.send(message('2'))
  assert.deepEqual(await counts(app), ['1'])
})

test('XEP-0357 §8: a service ends its own registration by a message, and nobody else’s', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const end = (account = 'juliet@localhost', node = `node='n'`) =>
    `<message to='juliet@localhost'><body>x</body><pubsub xmlns='${pubsub}' ${node}><affiliation jid='${account}' affiliation='none'/></pubsub></message>`
  const others = [
    end().replace(`'none'`, `'publish-only'`),
    end('romeo@localhost'),
    end('juliet@localhost', ''),
    end('juliet@localhost', `node='m'`),
  ]
  for (const text of others) await app.send(text)
  await romeo.send(end())
  assert.equal((await counts(app)).at(-1), '5', 'they are messages as any')
  await app.send(end())
  await romeo.send(message('1'))
  assert.deepEqual(await counts(app), [])
})

test('of an account that is removed nothing is told, nor of one that is made anew', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const accounts = local.server.host('localhost')?.accounts
  await accounts?.remove(jid('juliet@localhost'))
  await accounts?.create(jid('juliet@localhost'), 'password')
  await romeo.send(message('1'))
  assert.deepEqual(await counts(app), [])
})

test('a service that has not answered when the server stops is left alone', async () => {
  const log = new KeptLog()
  const local = await start({ maxFailures: 1 }, { log })
  const { app, romeo } = await play(local)
  await romeo.send(message('1'))
  assert.equal((await published(app)).length, 1)
  await local.server.close()
  local.clock.advance(60_000)
  await settled()
  const failed = log.entries.filter(({ level, event }) => level === 'error' || event === 'push-disabled')
  assert.deepEqual(failed, [])
})
