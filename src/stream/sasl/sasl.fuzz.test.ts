// Whatever clients send to log in: read or refused, never a fault of ours.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { header, TestServer } from '../../../test/stream-peer.ts'
import { parseHashedToken } from '../../extensions/fast/hashed-token.ts'
import { escapeText } from '../../xml/serialize.ts'
import { addressesIn } from '../client-certificate.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { parseClientFirst } from './scram.ts'

const seed = 6
const some = { seed, numRuns: 500 }

test('RFC 4648 §4: what was encoded is decoded to the same; what is decoded was encoded so', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.deepEqual(decodeBase64(encodeBase64(bytes)), Buffer.from(bytes))
    }),
    some,
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09+/=- \n\0'), maxLength: 40 }), (text) => {
      const bytes = decodeBase64(text)
      if (bytes) assert.match(text, /^[A-Za-z0-9+/]*={0,2}$/)
    }),
    some,
  )
})

test('RFC 5802 §7: any first message is read or refused; its parts stand in it', () => {
  const part = fc.constantFrom(
    'n',
    'y',
    'p=tls-exporter',
    ',',
    'a=',
    'n=',
    'r=',
    'm=',
    'user',
    '=2C',
    '=',
    '\0',
    'ü',
    'x=1',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
      const text = parts.join('')
      const first = parseClientFirst(text)
      if (first) assert.equal(first.gs2 + first.bare, text)
    }),
    { seed, numRuns: 3000 },
  )
})

test('draft-ietf-kitten-sasl-ht §3.1: any message is a name and 32 bytes, or refused', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 20 }),
      fc.uint8Array({ minLength: 28, maxLength: 36 }),
      (name, hash) => {
        const read = parseHashedToken(Buffer.concat([Buffer.from(`${name}\0`), hash]))
        const isRight = hash.length === 32 && name !== '' && !name.includes('\0') && name.isWellFormed()
        if (isRight) assert.deepEqual(read, { username: name, hash: Buffer.from(hash) })
      },
    ),
    some,
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const read = parseHashedToken(Buffer.from(bytes))
      if (read) assert.equal(read.hash.length, 32)
    }),
    some,
  )
})

test('any name in a certificate is read without a fault', () => {
  const part = fc.constantFrom('othername:XmppAddr:', 'email:', 'a@b', ', ', '"', '\\', 'URI:', ' ')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      for (const address of addressesIn(parts.join(''))) assert.doesNotMatch(address, /"/)
    }),
    some,
  )
})

test('any elements of SASL and SASL2 in any order let nobody in, and are no fault of ours', async () => {
  const server = await TestServer.make({
    limits: { loginFailures: { perSecond: 0, burst: 0 }, saslAttempts: 100 },
  })
  const namespace = fc.constantFrom('urn:xmpp:sasl:2', 'urn:ietf:params:xml:ns:xmpp-sasl')
  const name = fc.constantFrom(
    'authenticate',
    'auth',
    'response',
    'abort',
    'next',
    'task-data',
    'success',
    'continue',
  )
  const mechanism = fc.constantFrom(
    'PLAIN',
    'SCRAM-SHA-256',
    'SCRAM-SHA-1-PLUS',
    'EXTERNAL',
    'HT-SHA-256-NONE',
    '',
  )
  const message = fc.oneof(fc.base64String({ maxLength: 40 }), fc.string({ maxLength: 20 }), fc.constant('='))
  const nonza = fc.tuple(name, namespace, mechanism, message).map(([name, xmlns, mechanism, message]) => {
    const content = fc.sample(fc.constantFrom(0, 1), { seed: message.length, numRuns: 1 })[0]
    const text = escapeText(message.replace(/[^\x20-\x7e]/g, ''))
    const inner = content ? `<initial-response>${text}</initial-response>` : text
    return `<${name} xmlns='${xmlns}' mechanism='${mechanism}'>${inner}</${name}>`
  })
  await fc.assert(
    fc.asyncProperty(fc.array(nonza, { minLength: 1, maxLength: 6 }), async (nonzas) => {
      const peer = server.connect()
      await peer.exchange(header())
      for (const sent of nonzas) peer.send(sent)
      await peer.read()
      assert.equal(peer.stream.user, undefined)
      peer.transport.destroy()
    }),
    { seed, numRuns: 150 },
  )
  assert.deepEqual(
    server.log.entries.filter(({ level }) => level === 'error'),
    [],
  )
})
