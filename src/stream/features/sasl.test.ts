import assert from 'node:assert/strict'
import { createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import {
  header,
  plain,
  TestDomain,
  type TestPeer,
  TestServer,
  type TestServerOptions,
} from '../../../test/stream-peer.ts'
import { CountingIds } from '../../base/ids.ts'
import { digest } from '../credentials.ts'

const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
const failure = (condition: string) => `<failure ${sasl}><${condition}/></failure>`
const encode = (text: string) => Buffer.from(text).toString('base64')
const decode = (text: string) => Buffer.from(text, 'base64').toString()
const auth = (mechanism: string, text: string) => `<auth ${sasl} mechanism='${mechanism}'>${text}</auth>`
const response = (text: string) => `<response ${sasl}>${encode(text)}</response>`

async function open(options: TestServerOptions = {}, { isSecure = true } = {}) {
  const server = await TestServer.make(options)
  const peer = server.connect({ isSecure })
  const features = await peer.exchange(header())
  return { server, peer, features }
}

interface Scram {
  peer: TestPeer
  username?: string
  password?: string
  hash?: 'sha1' | 'sha256'
  flags?: string
  /** What the final message says instead, in agreement with its proof. */
  finalFlags?: string
  finalNonce?: string
}

/** Plays a client's SCRAM; answers what the server said first and last. */
async function scram(play: Scram) {
  const { peer, username = 'juliet', password = 'secret', hash = 'sha256', flags = 'n,,' } = play
  const mechanism = hash === 'sha1' ? 'SCRAM-SHA-1' : 'SCRAM-SHA-256'
  const bare = `n=${username},r=client`
  const challenge = await peer.exchange(auth(mechanism, encode(flags + bare)))
  const serverFirst = decode(/>([^<]*)</.exec(challenge)?.[1] ?? '')
  const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+),h=[\w+/=]+$/.exec(serverFirst) ?? []
  if (!salt) return { challenge, last: challenge }
  const salted = pbkdf2Sync(
    password,
    Buffer.from(salt, 'base64'),
    Number(iterations),
    hash === 'sha1' ? 20 : 32,
    hash,
  )
  const hmac = (key: Uint8Array, text: string) => createHmac(hash, key).update(text).digest()
  const clientKey = hmac(salted, 'Client Key')
  const withoutProof = `c=${encode(play.finalFlags ?? flags)},r=${play.finalNonce ?? nonce}`
  const authMessage = `${bare},${serverFirst},${withoutProof}`
  const signature = hmac(digest(hash === 'sha1' ? 'sha-1' : 'sha-256', clientKey), authMessage)
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number))
  const last = await peer.exchange(response(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`))
  const serverFinal = `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`
  return { challenge: serverFirst, last, success: `<success ${sasl}>${encode(serverFinal)}</success>` }
}

test('RFC 6120 §6.3.3: mechanisms are offered strongest first', async () => {
  const { features } = await open()
  assert.match(
    features,
    /<mechanism>SCRAM-SHA-256<\/mechanism><mechanism>SCRAM-SHA-1<\/mechanism><mechanism>PLAIN<\/mechanism>/,
  )
})

for (const hash of ['sha1', 'sha256'] as const) {
  test(`RFC 5802: SCRAM with ${hash} logs in, and the server proves itself`, async () => {
    const { peer } = await open()
    const { last, success } = await scram({ peer, hash })
    assert.equal(last, success)
    assert.equal(peer.stream.user?.toString(), 'juliet@localhost')
    const features = await peer.exchange(header())
    assert.match(features, /<bind /)
    assert.doesNotMatch(features, /<mechanisms/)
  })

  test(`RFC 6120 §6.5.10: SCRAM with ${hash} and a wrong password is not-authorized`, async () => {
    const { peer } = await open()
    const { last } = await scram({ peer, hash, password: 'wrong' })
    assert.equal(last, failure('not-authorized'))
    assert.equal(peer.stream.user, undefined)
  })

  test(`an unknown user of SCRAM with ${hash} looks like one with another password, each time the same`, async () => {
    const { server, peer } = await open()
    const known = await scram({ peer, hash, password: 'wrong' })
    const second = await open()
    const unknown = await scram({ peer: second.peer, hash, username: 'romeo' })
    const again = await scram({ peer: second.peer, hash, username: 'romeo' })
    const third = server.connect()
    await third.exchange(header())
    const other = await scram({ peer: third, hash, username: 'tybalt' })
    const shape = (challenge: string) =>
      challenge.replace(/r=[^,]*/, '').replace(/s=[^,]*/, (salt) => `s=${salt.length}`)
    const saltOf = (challenge: string) => /s=([^,]*)/.exec(challenge)?.[1]
    assert.equal(shape(unknown.challenge), shape(known.challenge))
    assert.equal(saltOf(unknown.challenge), saltOf(again.challenge))
    assert.notEqual(saltOf(unknown.challenge), saltOf(other.challenge))
    assert.equal(unknown.last, known.last)
  })
}

test('RFC 5802 §6: the flag `y` is fine, for no mechanism with channel binding was offered', async () => {
  const { peer } = await open()
  const { last, success } = await scram({ peer, flags: 'y,,' })
  assert.equal(last, success)
})

test('RFC 5802 §6: channel binding is malformed for a mechanism without it', async () => {
  const { peer } = await open()
  assert.equal((await scram({ peer, flags: 'p=tls-exporter,,' })).last, failure('malformed-request'))
})

test('RFC 5802 §6: a final message that repeats another gs2-header is refused, though its proof is right', async () => {
  const { peer } = await open()
  assert.equal((await scram({ peer, flags: 'y,,', finalFlags: 'n,,' })).last, failure('not-authorized'))
})

test('RFC 5802 §5: a final message with another nonce is refused, though its proof is right', async () => {
  const { peer } = await open()
  assert.equal((await scram({ peer, finalNonce: 'client' })).last, failure('not-authorized'))
})

test('each exchange has a nonce of its own', async () => {
  const { peer } = await open({ ids: new CountingIds() })
  const first = await scram({ peer, password: 'wrong' })
  const second = await scram({ peer, password: 'wrong' })
  assert.notEqual(first.challenge, second.challenge)
})

test('RFC 6120 §6.3.8: an authzid that is one’s own address is taken', async () => {
  const { peer } = await open()
  assert.match(await peer.exchange(plain('juliet', 'secret', 'juliet@localhost')), /^<success /)
  const second = await open()
  const { last, success } = await scram({ peer: second.peer, flags: 'n,a=juliet@localhost,' })
  assert.equal(last, success)
})

for (const authzid of [
  'romeo@localhost',
  'juliet@example.org',
  'juliet',
  'localhost',
  'juliet@localhost/balcony',
  '@',
]) {
  test(`RFC 6120 §6.5.6: the authzid ${authzid} is invalid, though the password is right`, async () => {
    const { peer } = await open()
    assert.equal(await peer.exchange(plain('juliet', 'secret', authzid)), failure('invalid-authzid'))
    assert.equal((await scram({ peer, flags: `n,a=${authzid},` })).last, failure('invalid-authzid'))
    assert.equal(peer.stream.user, undefined)
  })
}

test('RFC 4616: PLAIN logs in, with an initial response or without', async () => {
  const { peer } = await open()
  assert.equal(await peer.exchange(plain('juliet', 'secret')), `<success ${sasl}/>`)
  const second = (await open()).peer
  assert.equal(await second.exchange(auth('PLAIN', '')), `<challenge ${sasl}/>`)
  assert.equal(await second.exchange(response('\0juliet\0secret')), `<success ${sasl}/>`)
})

test('RFC 4616: user names and passwords are prepared', async () => {
  const { peer, server } = await open()
  await server.domain.add('rené', 'ﬁn\u00ada')
  assert.match(await peer.exchange(plain('RENÉ', 'fina')), /^<success /)
})

const refusedPlain: readonly [what: string, username: string, password: string][] = [
  ['a wrong password', 'juliet', 'wrong'],
  ['an unknown user', 'romeo', 'secret'],
  ['a user name with a domain', 'juliet@localhost', 'secret'],
  ['a user name that can be none', 'a b', 'secret'],
  ['a password that can be none', 'juliet', '\u0007'],
]
for (const [what, username, password] of refusedPlain) {
  test(`RFC 6120 §6.5.10: PLAIN with ${what} is not-authorized`, async () => {
    const { peer } = await open()
    assert.equal(await peer.exchange(plain(username, password)), failure('not-authorized'))
    assert.equal(peer.stream.user, undefined)
  })
}

const refusedAuth: readonly [clause: string, text: string, condition: string][] = [
  ['§6.5.7 a mechanism that is not offered', auth('EXTERNAL', '='), 'invalid-mechanism'],
  ['§6.5.7 no mechanism', `<auth ${sasl}/>`, 'invalid-mechanism'],
  ['§6.5.5 what is no base64', auth('PLAIN', '%%%%'), 'incorrect-encoding'],
  ['§6.5.5 base64 cut short', auth('PLAIN', 'AAA'), 'incorrect-encoding'],
  ['§6.5.5 base64 with spaces', auth('PLAIN', 'AAAA AAAA'), 'incorrect-encoding'],
  ['§6.5.8 no UTF-8', auth('PLAIN', Buffer.from([0, 0xff, 0, 0xff]).toString('base64')), 'malformed-request'],
  ['§6.5.8 an empty message', auth('PLAIN', '='), 'malformed-request'],
  ['§6.5.8 no NUL', auth('PLAIN', encode('juliet')), 'malformed-request'],
  ['§6.5.8 one NUL', auth('PLAIN', encode('juliet\0secret')), 'malformed-request'],
  ['§6.5.8 three NULs', auth('PLAIN', encode('\0juliet\0secret\0')), 'malformed-request'],
  ['§6.5.8 no user', auth('PLAIN', encode('\0\0secret')), 'malformed-request'],
  ['§6.5.8 no password', auth('PLAIN', encode('\0juliet\0')), 'malformed-request'],
  ['§6.5.8 SCRAM without a name', auth('SCRAM-SHA-1', encode('n,,r=abc')), 'malformed-request'],
  ['§6.5.8 a response to nothing', response('\0juliet\0secret'), 'malformed-request'],
  ['§6.5.1 <abort/>', `<abort ${sasl}/>`, 'aborted'],
]
for (const [clause, text, condition] of refusedAuth) {
  test(`RFC 6120 ${clause}: ${condition}, and the stream goes on`, async () => {
    const { peer } = await open()
    assert.equal(await peer.exchange(text), failure(condition))
    assert.match(await peer.exchange(plain('juliet', 'secret')), /^<success /)
  })
}

test('RFC 6120 §6.4.4: after <abort/> the exchange is over', async () => {
  const { peer } = await open()
  await peer.exchange(auth('SCRAM-SHA-1', encode('n,,n=juliet,r=abc')))
  assert.equal(await peer.exchange(`<abort ${sasl}/>`), failure('aborted'))
  assert.equal(await peer.exchange(response('c=biws,r=abc,p=AAAA')), failure('malformed-request'))
})

test('RFC 6120 §6.4.5: too many failures end the stream with policy-violation', async () => {
  const { peer } = await open({ limits: { saslAttempts: 3 } })
  for (let failures = 1; failures < 3; failures++)
    assert.equal(await peer.exchange(plain('juliet', 'wrong')), failure('not-authorized'))
  assert.match(await peer.exchange(plain('juliet', 'wrong')), /<\/failure><stream:error><policy-violation /)
  assert.equal(await peer.exchange(plain('juliet', 'secret')), '')
  assert.ok(peer.isClosed)
})

test('RFC 6120 §6.4.1: who has logged in does not log in again', async () => {
  const { peer } = await open()
  await peer.exchange(plain('juliet', 'secret'))
  await peer.exchange(header())
  assert.match(await peer.exchange(plain('juliet', 'secret')), /<unsupported-stanza-type /)
})

test('RFC 6120 §6.3.2: a stanza before login is not-authorized, as a stream error', async () => {
  const { peer } = await open()
  assert.match(await peer.exchange("<message to='romeo@localhost'/>"), /<stream:error><not-authorized /)
})

test('RFC 6120 §6.5.4: PLAIN without TLS is not offered, and needs encryption', async () => {
  const { peer, features } = await open({ policy: { requiresTls: false } }, { isSecure: false })
  assert.doesNotMatch(features, /PLAIN/)
  assert.match(features, /SCRAM-SHA-256/)
  assert.equal(await peer.exchange(plain('juliet', 'secret')), failure('encryption-required'))
})

test('PLAIN without TLS is taken where the policy says so', async () => {
  const policy = { requiresTls: false, allowsPlainWithoutTls: true }
  const { peer, features } = await open({ policy }, { isSecure: false })
  assert.match(features, /PLAIN/)
  assert.match(await peer.exchange(plain('juliet', 'secret')), /^<success /)
})

test('an account without keys for the hash of the mechanism looks like one with another password', async () => {
  const { peer, server } = await open()
  const keys = server.domain.scramKeys('juliet', 'sha-1')
  if (keys) server.domain.put('nurse', keys)
  assert.equal((await scram({ peer, username: 'nurse' })).last, failure('not-authorized'))
  assert.match(await peer.exchange(plain('nurse', 'secret')), /^<success /)
})

test('for test servers: where log-in creates accounts, only PLAIN is offered and any password will do at first', async () => {
  const server = await TestServer.make()
  class Creating extends TestDomain {
    readonly createsOnLogin = true
    async create(account: { local: string }, password: string): Promise<boolean> {
      if (this.scramKeys(account.local, 'sha-1')) return false
      await this.add(account.local, password)
      return true
    }
  }
  server.domains.set('creating.test', new Creating('creating.test'))
  const peer = server.connect()
  assert.match(
    await peer.exchange(header({ to: 'creating.test' })),
    /<mechanisms [^>]*><mechanism>PLAIN<\/mechanism><\/m/,
  )
  assert.match(await peer.exchange(plain('anybody', 'first')), /^<success /)
  const second = server.connect()
  await second.exchange(header({ to: 'creating.test' }))
  assert.equal(await second.exchange(plain('anybody', 'other')), failure('not-authorized'))
})

test('for who does not exist the store is asked as often as for who does', async () => {
  const { server, peer } = await open()
  let asked = 0
  const scramKeys = server.domain.scramKeys.bind(server.domain)
  server.domain.scramKeys = (local, hash) => {
    asked += 1
    return scramKeys(local, hash)
  }
  const countOf = async (name: string) => {
    asked = 0
    await peer.exchange(plain(name, 'wrong'))
    return asked
  }
  assert.equal(await countOf('nobody'), await countOf('juliet'))
})

test('a failing store is a temporary failure of ours, not the end of the process', async () => {
  const { peer, server } = await open()
  server.domain.scramKeys = () => {
    throw new Error('disk on fire')
  }
  assert.match(await peer.exchange(plain('juliet', 'secret')), /<temporary-auth-failure\/>/)
  assert.ok(server.log.entries.some(({ level, event }) => level === 'error' && event === 'login-failed'))
})

test('failures to log in are logged with the address and the account', async () => {
  const { peer, server } = await open()
  await peer.exchange(plain('juliet', 'wrong'))
  const entry = server.log.entries.find(({ event }) => event === 'login-failed')
  assert.deepEqual(entry?.data, { address: 'memory', user: 'juliet@localhost', condition: 'not-authorized' })
  assert.doesNotMatch(JSON.stringify(server.log.entries), /wrong/)
})

test('guessing goes on slowly over many streams, and a right password is not looked at meanwhile', async () => {
  const server = await TestServer.make({ limits: { loginFailures: { perSecond: 1, burst: 5 } } })
  const attempt = async (password: string) => {
    const peer = server.connect()
    await peer.exchange(header())
    return peer.exchange(plain('juliet', password))
  }
  for (let guess = 0; guess < 6; guess++) assert.equal(await attempt('wrong'), failure('not-authorized'))
  assert.equal(await attempt('secret'), failure('temporary-auth-failure'))
  const peer = server.connect()
  await peer.exchange(header())
  assert.equal((await scram({ peer })).last, failure('temporary-auth-failure'))
  server.clock.advance(1_000)
  assert.match(await attempt('secret'), /^<success /)
})

test('guesses on many streams at once are no more than one after the other', async () => {
  const server = await TestServer.make({ limits: { loginFailures: { perSecond: 1, burst: 5 } } })
  const peers = Array.from({ length: 20 }, () => server.connect())
  await Promise.all(peers.map((peer) => peer.exchange(header())))
  const answers = await Promise.all(peers.map((peer) => peer.exchange(plain('juliet', 'wrong'))))
  const looked = answers.filter((answer) => answer === failure('not-authorized'))
  assert.equal(looked.length, 5)
  assert.ok(
    answers.every((answer) => looked.includes(answer) || answer === failure('temporary-auth-failure')),
  )
})

test('a challenge that was given before others failed is no way to guess on', async () => {
  const server = await TestServer.make({ limits: { loginFailures: { perSecond: 1, burst: 5 } } })
  const peers = Array.from({ length: 10 }, () => server.connect())
  const finals: string[] = []
  for (const peer of peers) {
    await peer.exchange(header())
    const challenge = await peer.exchange(auth('SCRAM-SHA-256', encode('n,,n=juliet,r=client')))
    const nonce = /^r=([^,]+)/.exec(decode(/>([^<]*)</.exec(challenge)?.[1] ?? ''))?.[1]
    finals.push(response(`c=biws,r=${nonce},p=${Buffer.alloc(32).toString('base64')}`))
  }
  const answers: string[] = []
  for (const [index, peer] of peers.entries()) answers.push(await peer.exchange(finals[index] as string))
  assert.equal(answers.filter((answer) => answer === failure('not-authorized')).length, 6)
})
