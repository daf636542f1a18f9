import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { ManualClock, systemClock } from '../../base/clock.ts'
import { jid } from '../../jid/jid.ts'
import { createServer, type Server } from '../../server/server.ts'
import { memory } from '../../storage/sqlite.ts'
import { register } from './register.ts'

const header =
  "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

/** A client that has opened a stream and not logged in. */
class Stranger implements Disposable {
  readonly #socket: Socket
  #text = ''

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text
    })
    this.#socket.on('error', () => {})
  }

  /** Sends `text`, and answers with all that has come once it matches. */
  async ask(text: string, until: RegExp): Promise<string> {
    this.#text = ''
    this.#socket.write(text)
    while (!until.test(this.#text)) await new Promise((resolve) => this.#socket.once('data', resolve))
    return this.#text
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

const submit = (username: string, password: string) =>
  `<iq type='set' id='set'><query xmlns='jabber:iq:register'><username>${username}</username><password>${password}</password></query></iq>`

async function serve(options: object, clock = systemClock): Promise<Server & { port: number }> {
  const server = createServer({
    storage: memory(),
    clock,
    policy: { requiresTls: false, allowsPlainWithoutTls: true },
    hosts: { localhost: { extensions: [register] } },
    options: { register: options },
  })
  await server.start()
  const { port } = await server.listen({ kind: 'starttls', host: '127.0.0.1', port: 0 })
  return Object.assign(server, { port })
}

test('XEP-0077 §3.1: a stranger is shown the form, and makes an account', async () => {
  await using server = await serve({ open: true })
  using stranger = new Stranger(server.port)
  const features = await stranger.ask(header, /<\/stream:features>/)
  assert.match(features, /<register xmlns='http:\/\/jabber.org\/features\/iq-register'\/>/)
  const form = await stranger.ask(
    "<iq type='get' id='get'><query xmlns='jabber:iq:register'/></iq>",
    /<\/iq>/,
  )
  assert.match(form, /<username\/><password\/><x xmlns='jabber:x:data' type='form'>/)
  assert.match(await stranger.ask(submit('romeo', 'a long password'), /id='set'[^>]*>/), /type='result'/)
  assert.deepEqual(await server.host('localhost')?.accounts.list(), ['romeo'])
})

test('XEP-0077 §3.1.1: the fields of the form may be given as a form (§4)', async () => {
  await using server = await serve({ open: true })
  using stranger = new Stranger(server.port)
  await stranger.ask(header, /<\/stream:features>/)
  const field = (name: string, value: string) => `<field var='${name}'><value>${value}</value></field>`
  const answer = await stranger.ask(
    `<iq type='set' id='set'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>${field('username', 'romeo')}${field('password', 'a long password')}</x></query></iq>`,
    /id='set'[^>]*>/,
  )
  assert.match(answer, /type='result'/)
})

test('XEP-0077 §3.1.1: what cannot be registered is refused, each with its own error', async () => {
  await using server = await serve({ open: true })
  using stranger = new Stranger(server.port)
  await stranger.ask(header, /<\/stream:features>/)
  await stranger.ask(submit('romeo', 'a long password'), /id='set'[^>]*>/)
  const cases = [
    [submit('romeo', 'a long password'), 'conflict'],
    [submit('juliet', 'short'), 'not-acceptable'],
    [submit('juliet', ''), 'not-acceptable'],
    [submit('juliet', 'a long \u202epassword'), 'not-acceptable'],
    [submit('juliet', 'a long password'.repeat(100)), 'not-acceptable'],
    [submit('', 'a long password'), 'not-acceptable'],
    [submit('a b', 'a long password'), 'jid-malformed'],
    [submit('a@b', 'a long password'), 'jid-malformed'],
    [
      "<iq type='set' id='set'><query xmlns='jabber:iq:register'><remove/></query></iq>",
      'unexpected-request',
    ],
  ] as const
  for (const [request, condition] of cases) {
    assert.match(await stranger.ask(request, /<\/error>/), new RegExp(`<${condition} `), request)
  }
})

test('RFC 6120 §6.3.2: before log-in nothing but requests to register is dealt with', async () => {
  for (const wrong of [
    submit('romeo', 'a long password').replace(`type='set'`, `type='result'`),
    submit('romeo', 'a long password').replaceAll('iq', 'message'),
  ]) {
    await using server = await serve({ open: true })
    using stranger = new Stranger(server.port)
    await stranger.ask(header, /<\/stream:features>/)
    assert.match(await stranger.ask(wrong, /<\/stream:stream>/), /<not-authorized /)
    assert.deepEqual(await server.host('localhost')?.accounts.list(), [])
  }
})

test('one address makes a bounded number of accounts in an hour', async () => {
  const clock = new ManualClock()
  await using server = await serve({ open: true, perHour: 2 }, clock)
  using stranger = new Stranger(server.port)
  await stranger.ask(header, /<\/stream:features>/)
  for (const name of ['one', 'two']) await stranger.ask(submit(name, 'a long password'), /id='set'[^>]*>/)
  const refused = await stranger.ask(submit('three', 'a long password'), /<\/error>/)
  assert.match(refused, /type='wait'.*<resource-constraint /)
  assert.deepEqual(await server.host('localhost')?.accounts.list(), ['one', 'two'])
})

test('XEP-0077 §3.1: where registration is not open it is neither offered nor possible, and the answer says so', async () => {
  await using server = await serve({})
  using stranger = new Stranger(server.port)
  const features = await stranger.ask(header, /<\/stream:features>/)
  assert.doesNotMatch(features, /iq-register/)
  const form = "<iq type='get' id='get'><query xmlns='jabber:iq:register'/></iq>"
  for (const request of [form, submit('romeo', 'a long password')]) {
    const answer = await stranger.ask(request, /<\/iq>/)
    assert.match(answer, /^<iq type='error'.*<service-unavailable /)
  }
  assert.deepEqual(await server.host('localhost')?.accounts.list(), [])
})

test('the name of an account that was removed is given to nobody, unless the host says so or an administrator does', async () => {
  for (const keepNames of [true, false]) {
    await using server = await serve({ open: true, keepNames })
    using stranger = new Stranger(server.port)
    await stranger.ask(header, /<\/stream:features>/)
    await stranger.ask(submit('romeo', 'a long password'), /id='set'[^>]*>/)
    const accounts = server.host('localhost')?.accounts
    await accounts?.remove(jid('romeo@localhost'))
    const answer = await stranger.ask(submit('romeo', 'another password'), /<iq .*>/)
    assert.match(answer, keepNames ? /<conflict / : /type='result'/)
    if (keepNames) assert.equal(await accounts?.create(jid('romeo@localhost'), 'another password'), true)
    assert.equal(await accounts?.wasRemoved(jid('romeo@localhost')), false)
  }
})
