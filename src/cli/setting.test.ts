// Options given from outside the configuration file.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandError } from './command-error.ts'
import { coerce, fromEnvironment, variables, withSetting } from './setting.ts'

test('every single option has a variable, and no two share one', () => {
  const pathByVariable = variables()
  for (const [name, path] of [
    ['BALCONY_DOMAIN', 'domain'],
    ['BALCONY_LISTEN_DIRECT_TLS', 'listen.directTls'],
    ['BALCONY_LOGIN_REQUIRE_TLS', 'login.requireTls'],
    ['BALCONY_TLS_CERTIFICATE', 'tls.certificate'],
    ['BALCONY_ADMINS', 'admins'],
    ['BALCONY_CREATE_ON_LOGIN', 'createOnLogin'],
  ]) {
    assert.equal(pathByVariable.get(name as string)?.join('.'), path)
  }
  assert.equal(pathByVariable.get('BALCONY_EXTENSIONS'), undefined)
})

test('text becomes the kind of value that the option has', () => {
  assert.equal(coerce(['listen', 'starttls'], '5322'), 5322)
  assert.equal(coerce(['listen', 'starttls'], 'false'), false)
  assert.equal(coerce(['login', 'requireTls'], 'true'), true)
  assert.equal(coerce(['data'], '2026'), '2026')
  assert.equal(coerce(['limits', 'loginSeconds'], '1.5'), 1.5)
  assert.deepEqual(coerce(['admins'], 'a@x, b@x'), ['a@x', 'b@x'])
  assert.equal(coerce(['extensions', 'muc', 'maxRooms'], '3'), 3)
})

test('a variable that is nearly one of ours is a fault; those of tests and other programs are left alone', () => {
  assert.deepEqual(
    fromEnvironment({
      HOME: '/',
      BALCONY_SCANSION_SCRIPTS: 'x',
      BALCONY_CONFIG: 'y',
      BALCONY_DOMAIN: 'example.org',
    }),
    [{ path: ['domain'], value: 'example.org', origin: 'BALCONY_DOMAIN' }],
  )
  assert.throws(
    () => fromEnvironment({ BALCONY_DOMIAN: 'x' }),
    (error) =>
      error instanceof CommandError &&
      error.exitCode === 2 &&
      /Did you mean BALCONY_DOMAIN\?/.test(error.message),
  )
})

test('a setting goes over what is there and leaves the rest', () => {
  const input = { listen: { starttls: 1, directTls: 2 } }
  assert.deepEqual(withSetting(input, { path: ['listen', 'starttls'], value: 3, origin: '' }), {
    listen: { starttls: 3, directTls: 2 },
  })
  assert.deepEqual(withSetting(input, { path: ['a', 'b', 'c'], value: 1, origin: '' }), {
    ...input,
    a: { b: { c: 1 } },
  })
  assert.deepEqual(input, { listen: { starttls: 1, directTls: 2 } })
})
