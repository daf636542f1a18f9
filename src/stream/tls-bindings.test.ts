import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { endPointOf } from './tls-bindings.ts'

const certificate = (path: string) =>
  new X509Certificate(readFileSync(new URL(`../../test/fixtures/tls/${path}.crt`, import.meta.url)))

/** Hash functions by what the certificate is signed with. */
const hashes: Readonly<Record<string, string | undefined>> = {
  localhost: 'sha256',
  'signatures/rsa-sha1': 'sha256',
  'signatures/rsa-sha384': 'sha384',
  'signatures/pss-sha1': 'sha256',
  'signatures/pss-sha256': 'sha256',
  'signatures/pss-sha512': 'sha512',
  'signatures/ed25519': undefined,
}

for (const [path, hash] of Object.entries(hashes)) {
  test(`RFC 5929 §4.1: the certificate ${path} is hashed with ${hash ?? 'nothing: there is no binding to it'}`, () => {
    const signed = certificate(path)
    const expected = hash && createHash(hash).update(signed.raw).digest()
    assert.deepEqual(endPointOf(signed), expected)
  })
}
