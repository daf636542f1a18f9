import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Certificates } from './certificates.ts'

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url))
const localhost = { key: fixture('localhost.key'), cert: fixture('localhost.crt') }
const example = { key: fixture('example.org.key'), cert: fixture('example.org.crt') }

test('a domain has its certificate, as do those below it; all others have the first one', () => {
  const certificates = new Certificates()
  assert.equal(certificates.contextOf('localhost'), undefined)
  certificates.set('localhost', localhost)
  certificates.set('example.org', example)
  const [first, second] = [certificates.contextOf('localhost'), certificates.contextOf('example.org')]
  assert.notEqual(first, second)
  assert.equal(certificates.contextOf('rooms.EXAMPLE.org'), second)
  assert.equal(certificates.contextOf('example.com'), first)
  assert.equal(certificates.contextOf(''), first)
})

test('a domain is the same in ASCII, as in SNI, and in letters, as in a header', () => {
  const certificates = new Certificates()
  certificates.set('localhost', localhost)
  certificates.set('münchen.example', example)
  assert.equal(certificates.contextOf('xn--mnchen-3ya.example'), certificates.contextOf('münchen.example'))
  assert.notEqual(certificates.contextOf('xn--mnchen-3ya.example'), certificates.contextOf('localhost'))
})

test('a key that does not belong to the certificate is refused, and the one before stays', () => {
  const certificates = new Certificates()
  certificates.set('localhost', localhost)
  const before = certificates.contextOf('localhost')
  assert.throws(() => certificates.set('localhost', { key: example.key, cert: localhost.cert }))
  assert.equal(certificates.contextOf('localhost'), before)
})
