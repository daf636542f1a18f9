import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ask,
  counts,
  disable,
  enable,
  message,
  namespace,
  optionsForm,
  play,
  published,
  pubsub,
  say,
  service,
  start,
  summaries,
  summaryOf,
} from '../../../test/push.ts'

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

test('XEP-0357 §7: requests to see presence are told, with how many wait', async () => {
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
