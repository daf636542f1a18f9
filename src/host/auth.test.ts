import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectedPeer } from '../../test/in-memory-peer.ts'
import { header, KeptLog, plain, type TestPeer } from '../../test/stream-peer.ts'
import { ManualClock } from '../base/clock.ts'
import { jid } from '../jid/jid.ts'
import { createServer, type Server } from '../server/server.ts'
import { sqlite } from '../storage/sqlite.ts'
import type { AuthFunction, AuthRequest } from './auth.ts'

async function start(auth: AuthFunction): Promise<{ server: Server; log: KeptLog; asked: AuthRequest[] }> {
  const asked: AuthRequest[] = []
  const log = new KeptLog()
  const server = createServer({
    storage: sqlite(':memory:'),
    clock: new ManualClock(),
    log,
    auth(request) {
      asked.push(request)
      return auth(request)
    },
    hosts: {
      localhost: { extensions: [] },
      'example.org': { extensions: [], auth: () => true },
    },
  })
  await server.start()
  return { server, log, asked }
}

async function open(server: Server, to = 'localhost'): Promise<TestPeer & { features: string }> {
  const peer = connectedPeer({ server }, { remoteAddress: '192.0.2.7' })
  return Object.assign(peer, { features: await peer.exchange(header({ to })) })
}

test('where a function knows the passwords, PLAIN is the only mechanism for them', async () => {
  const { server } = await start(() => true)
  const { features } = await open(server)
  assert.match(features, /<mechanism>PLAIN<\/mechanism>/)
  assert.doesNotMatch(features, /SCRAM/)
  await server.close()
})

test('it is asked with everything there is to know, and who is let in has an account from then on', async () => {
  const { server, asked } = await start(({ password }) => Promise.resolve(password === 'right'))
  const peer = await open(server)
  assert.match(await peer.exchange(plain('Juliet', 'wrong')), /<not-authorized\/>/)
  const accounts = server.host('localhost')?.accounts
  assert.equal(await accounts?.exists(jid('juliet@localhost')), false)
  assert.match(await peer.exchange(plain('Juliet', 'right')), /^<success /)
  assert.equal(await accounts?.exists(jid('juliet@localhost')), true)
  assert.deepEqual(asked[0], {
    mechanism: 'PLAIN',
    username: 'juliet',
    password: 'wrong',
    host: 'localhost',
    address: '192.0.2.7',
  })
  await server.close()
})

test('a host may have a function of its own', async () => {
  const { server, asked } = await start(() => false)
  const peer = await open(server, 'example.org')
  assert.match(await peer.exchange(plain('juliet', 'any')), /^<success /)
  assert.equal(asked.length, 0)
  await server.close()
})

for (const [what, answer] of Object.entries({
  'throws at once': () => {
    throw new Error('no database')
  },
  rejects: () => Promise.reject(new Error('no database')),
})) {
  test(`a function that ${what} is our fault: logged, and the client told to try again`, async () => {
    const { server, log } = await start(answer as AuthFunction)
    const peer = await open(server)
    assert.match(await peer.exchange(plain('juliet', 'right')), /<temporary-auth-failure\/>/)
    assert.ok(log.entries.some(({ level, event }) => level === 'error' && event === 'login-failed'))
    await server.close()
  })
}

test('what is no yes is a no', async () => {
  const { server } = await start((() => 'yes') as unknown as AuthFunction)
  const peer = await open(server)
  assert.match(await peer.exchange(plain('juliet', 'right')), /<not-authorized\/>/)
  await server.close()
})

test('what cannot be an account is not asked about, and neither is who guesses too often', async () => {
  const { server, asked } = await start(() => false)
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const peer = await open(server)
    await peer.exchange(plain('juliet', 'guess'))
  }
  assert.equal(asked.length, 21)
  const peer = await open(server)
  await peer.exchange(plain('ju@liet', 'guess'))
  assert.equal(asked.length, 21)
  await server.close()
})
