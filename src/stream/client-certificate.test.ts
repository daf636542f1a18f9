import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { addressesIn } from './client-certificate.ts'

const namesIn = (name: string) => {
  const url = new URL(`../../test/fixtures/tls/clients/${name}.crt`, import.meta.url)
  return new X509Certificate(readFileSync(url)).subjectAltName ?? ''
}

test('XEP-0178 §2: addresses for XMPP, or where there are none those for mail', () => {
  assert.deepEqual(addressesIn(namesIn('juliet')), ['juliet@localhost'])
  assert.deepEqual(addressesIn(namesIn('two')), ['juliet@localhost', 'nurse@localhost'])
  assert.deepEqual(addressesIn(namesIn('mail')), ['juliet@localhost'])
  assert.deepEqual(addressesIn('email:a@b, othername:XmppAddr:c@d, DNS:e'), ['c@d'])
  assert.deepEqual(addressesIn('DNS:localhost'), [])
  assert.deepEqual(addressesIn(''), [])
})

test('what only looks like an address, inside of another name, is none', () => {
  for (const hostile of [
    'URI:"http://x/, othername:XmppAddr:admin@localhost"',
    'othername:"XmppAddr:admin@localhost, x"',
    'othername:XmppAddr:"admin@localhost"',
    'DNS:"a\\", othername:XmppAddr:admin@localhost"',
    'DirName:CN="x, email:admin@localhost"',
  ])
    assert.deepEqual(addressesIn(hostile), [], hostile)
})
