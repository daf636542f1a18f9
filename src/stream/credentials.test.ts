import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestDomain } from '../../test/stream-peer.ts'
import { deriveScramKeys, fakeScramKeys, saltBytes } from './credentials.ts'
import { prepareSecret, secretLengthLimit } from './secret.ts'

test('RFC 4013 §3: the examples', () => {
  assert.equal(prepareSecret('I\u00adX'), 'IX')
  assert.equal(prepareSecret('user'), 'user')
  assert.equal(prepareSecret('USER'), 'USER')
  assert.equal(prepareSecret('\u00aa'), 'a')
  assert.equal(prepareSecret('\u2168'), 'IX')
  assert.equal(prepareSecret('\u0007'), undefined)
})

test('RFC 4013 §2: spaces are one, nothings vanish, what is prohibited is refused', () => {
  assert.equal(prepareSecret('a\u00a0b\u3000c'), 'a b c')
  assert.equal(prepareSecret('a\u200bb\ufeffc'), 'abc')
  assert.equal(prepareSecret('correct horse 🐎'), 'correct horse 🐎')
  for (const bad of ['', '\u00ad', 'a\0b', '\ue000', '\ud800', '\ufffd', '\u200e', '\u{e0041}', '\ufdd0'])
    assert.equal(prepareSecret(bad), undefined, JSON.stringify(bad))
})

test('a password has a longest length', () => {
  assert.notEqual(prepareSecret('x'.repeat(secretLengthLimit)), undefined)
  assert.equal(prepareSecret('x'.repeat(secretLengthLimit + 1)), undefined)
})

test('keys of the same password are the same, of another one are not', async () => {
  const parts = { hash: 'sha-256', salt: Buffer.alloc(saltBytes), iterations: 4096 } as const
  const keys = await deriveScramKeys('ﬁn', parts)
  assert.deepEqual(await deriveScramKeys('fin', parts), keys)
  assert.notDeepEqual((await deriveScramKeys('Fin', parts)).storedKey, keys.storedKey)
  assert.equal(keys.storedKey.length, 32)
  assert.equal((await deriveScramKeys('fin', { ...parts, hash: 'sha-1' })).storedKey.length, 20)
})

test('keys of what can be no password are a RangeError', async () => {
  const parts = { hash: 'sha-1', salt: Buffer.alloc(saltBytes), iterations: 1 } as const
  await assert.rejects(deriveScramKeys('', parts), RangeError)
})

test('unknown accounts have keys that look like real ones, differ by name and stay the same', () => {
  const domain = new TestDomain()
  for (const hash of ['sha-1', 'sha-256'] as const) {
    const keys = fakeScramKeys(domain, 'romeo', hash)
    assert.deepEqual(fakeScramKeys(domain, 'romeo', hash), keys)
    assert.notDeepEqual(fakeScramKeys(domain, 'tybalt', hash).salt, keys.salt)
    assert.equal(keys.salt.length, saltBytes)
    assert.equal(keys.iterations, domain.iterations)
    assert.equal(keys.storedKey.length, hash === 'sha-1' ? 20 : 32)
  }
})
