import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../test/in-memory.ts'
import { jid } from '../jid/jid.ts'
import { Iq } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { element } from '../xml/element.ts'
import type { Host } from './host.ts'

const juliet = 'juliet@localhost/balcony'

/** Asks `to` something; resolves with the answer's type and text, or the condition of the error. */
async function ask(
  local: InMemory,
  { from = 'localhost', to = juliet, id = 'q', ms = 1000 } = {},
): Promise<string> {
  const request = new Iq('get', {
    from: jid(from),
    to: jid(to),
    id,
    children: [element('query', 'urn:example')],
  })
  try {
    const host = local.server.host('localhost') as Host
    const answer = await host.request(request, ms)
    return `${answer.type} ${answer.payload?.text ?? ''}`.trim()
  } catch (error) {
    if (!(error instanceof StanzaError)) throw error
    return `${error.type} ${error.condition} ${error.message}`.trim()
  }
}

const result = (id: string, to: string, text: string) =>
  `<iq type='result' id='${id}' ${to}><query xmlns='urn:example'>${text}</query></iq>`

test('RFC 6120 §8.2.3: a request of the domain or of an account is answered with the result, or the error', async () => {
  await using local = await inMemoryServer()
  const client = await local.connect(juliet)
  const cases = [
    ['localhost', `to='localhost'`],
    ['juliet@localhost', `to='juliet@localhost'`],
    ['juliet@localhost', ''],
  ] as const
  for (const [from, to] of cases) {
    const answer = ask(local, { from })
    const [request] = client.takeAll()
    assert.equal(request?.attribute('from'), from)
    assert.equal(request?.attribute('to'), juliet)
    await client.send(result('q', to, 'yes'))
    assert.equal(await answer, 'result yes')
  }
  const refused = ask(local)
  await client.send(
    `<iq type='error' id='q' to='localhost'><error type='wait'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text></error></iq>`,
  )
  assert.equal(await refused, 'wait forbidden no')
})

test('a peer that is not there, and one that says nothing in time, are errors', async () => {
  await using local = await inMemoryServer()
  await local.connect(juliet)
  assert.match(await ask(local, { to: 'juliet@localhost/none' }), /^cancel service-unavailable/)
  assert.match(await ask(local, { to: 'elsewhere.example' }), /^cancel remote-server-not-found/)
  const late = ask(local)
  local.clock.advance(1000)
  assert.match(await late, /^wait remote-server-timeout/)
})

test('an answer is taken only from who was asked, where it was asked for, under its id, and once', async () => {
  await using local = await inMemoryServer()
  const client = await local.connect(juliet)
  const romeo = await local.connect('romeo@localhost/orchard')
  const answer = ask(local)
  await romeo.send(result('q', `to='localhost'`, 'somebody else'))
  await client.send(result('q', `to='juliet@localhost'`, 'elsewhere'))
  await client.send(result('p', `to='localhost'`, 'other id'))
  await client.send(result('q', `to='localhost'`, 'right'))
  await client.send(result('q', `to='localhost'`, 'again'))
  assert.equal(await answer, 'result right')
  assert.deepEqual(
    [...client.takeAll(), ...romeo.takeAll()].map((stanza) => stanza.attribute('type')),
    ['get'],
    'and what nobody asked for is not answered',
  )
})

test('requests of the same id are answered in their order', async () => {
  await using local = await inMemoryServer()
  const client = await local.connect(juliet)
  const answers = [ask(local, { ms: 500 }), ask(local), ask(local)]
  local.clock.advance(500)
  for (const text of ['2', '3']) await client.send(result('q', `to='localhost'`, text))
  assert.deepEqual(
    (await Promise.all(answers)).map((answer) => answer.split(' ')[1]),
    ['remote-server-timeout', '2', '3'],
  )
})

test('a bounded number waits, in all and of one address; past it nothing is sent', async () => {
  await using local = await inMemoryServer({ limits: { openRequests: 3, openRequestsPerAddress: 2 } })
  const client = await local.connect(juliet)
  const romeo = await local.connect('romeo@localhost/orchard')
  const waiting = [ask(local), ask(local)]
  assert.match(await ask(local), /^wait resource-constraint/)
  assert.equal(client.takeAll().length, 2)
  waiting.push(ask(local, { to: 'romeo@localhost/orchard' }))
  const nurse = await local.connect('nurse@localhost/house')
  assert.match(await ask(local, { to: 'nurse@localhost/house' }), /^wait resource-constraint/)
  assert.equal(nurse.takeAll().length, 0)
  await romeo.send(result('q', `to='localhost'`, 'yes'))
  for (const text of ['1', '2']) await client.send(result('q', `to='localhost'`, text))
  assert.deepEqual(await Promise.all(waiting), ['result 1', 'result 2', 'result yes'])
  const next = ask(local)
  local.clock.advance(1000)
  assert.match(await next, /remote-server-timeout/, 'what is answered or too late makes room')
  const last = ask(local)
  await client.send(result('q', `to='localhost'`, 'last'))
  assert.equal(await last, 'result last')
  local.clock.advance(1000)
  const open = [ask(local), ask(local), ask(local, { to: 'romeo@localhost/orchard' })]
  const fourth = await ask(local, { to: 'nurse@localhost/house' })
  assert.match(fourth, /resource-constraint/, 'an answered request does not end a second time')
  local.clock.advance(1000)
  await Promise.all(open)
})
