// What a configuration comes to, and what is said of one that is wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { flag, integer } from '../base/options.ts'
import { defineExtension } from '../host/extension.ts'
import type { ConfigInput } from './config.ts'
import { ConfigError, faultLine } from './config-faults.ts'
import { type Catalog, readConfig } from './read-config.ts'

const extension = (name: string) => defineExtension({ name, setup() {} })
const muc = defineExtension({
  name: 'muc',
  options: { maxRooms: integer(10, 'rooms of one account'), isPublic: flag(true, 'listed') },
  setup() {},
})
const catalog: Catalog = {
  usual: [extension('disco'), extension('ping')],
  services: { rooms: [muc], pubsub: [extension('pubsub')], upload: [extension('upload')] },
  optional: [extension('register'), extension('greet')],
}
const read = (input: unknown) => readConfig(input, catalog)
const faults = (input: unknown): string[] => {
  try {
    read(input)
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.faults.map(faultLine)
  }
  return []
}
const names = (extensions: readonly { name: string }[]) => extensions.map(({ name }) => name)

test('nothing need be set: localhost with rooms, and the first account administers it', () => {
  const { config, domains } = read({})
  assert.equal(config.listen.starttls, 5222)
  assert.equal(config.login.requireTls, true)
  assert.equal(domains.length, 1)
  const [domain] = domains
  assert.equal(domain?.domain, 'localhost')
  assert.deepEqual(
    domain?.services.map((service) => service.domain),
    ['rooms.localhost', 'pubsub.localhost', 'upload.localhost'],
  )
  assert.deepEqual(domain?.admins, ['admin@localhost'])
  assert.deepEqual(names(domain?.extensions ?? []), ['disco', 'ping'])
})

test('a name that is nearly right is answered with the right one, with its path', () => {
  assert.deepEqual(faults({ domian: 'example.org' }), [
    'domian: there is no such option. Did you mean domain?',
  ])
  assert.deepEqual(faults({ listen: { startls: 5222 } }), [
    'listen.startls: there is no such option. Did you mean starttls?',
  ])
  assert.deepEqual(faults({ limits: { stanzasBytes: 1 } }), [
    'limits.stanzasBytes: there is no such option. Did you mean stanzaBytes?',
  ])
  assert.deepEqual(faults({ hosts: { 'b.example': { admin: [] } } }), [
    'hosts["b.example"].admin: there is no such option. Did you mean admins?',
  ])
  assert.deepEqual(faults({ extensions: { pings: false } }), [
    'extensions.pings: there is no such extension. Did you mean ping?',
  ])
  assert.deepEqual(faults({ extensions: { muc: { maxRoom: 1 } } }), [
    'extensions.muc.maxRoom: there is no such option. Did you mean maxRooms?',
  ])
  assert.deepEqual(faults({ log: { level: 'wrn' } }), [
    'log.level: expected "debug", "info", "warn", "error" or "silent", not "wrn". Did you mean warn?',
  ])
})

test('a name that resembles nothing gets no guess', () => {
  assert.deepEqual(faults({ banana: 1 }), ['banana: there is no such option'])
})

test('a value of the wrong kind is said with what was expected and what was found', () => {
  for (const [input, expected] of [
    [{ domain: 7 }, 'domain: expected text, not 7'],
    [{ domain: 'a@b' }, 'domain: expected a domain such as "example.org", not "a@b"'],
    [{ admins: ['anna'] }, 'admins[0]: expected an address such as "anna@example.org", not "anna"'],
    [{ admins: 'anna@localhost' }, 'admins: expected a list, not "anna@localhost"'],
    [{ login: { requireTls: 'no' } }, 'login.requireTls: expected true or false, not "no"'],
    [{ limits: { stanzaBytes: 5 } }, 'limits.stanzaBytes: expected at least 10000, not 5'],
    [{ limits: { depth: 20.5 } }, 'limits.depth: expected a whole number, not 20.5'],
    [{ listen: { starttls: 70000 } }, 'listen.starttls: expected at most 65535, not 70000'],
    [{ listen: { starttls: 'x' } }, 'listen.starttls: expected false or a number, not "x"'],
    [{ extensions: { ping: 1 } }, 'extensions.ping: expected true or false or an object, not 1'],
    [{ extensions: { muc: { maxRooms: -1 } } }, 'extensions.muc.maxRooms: expected at least 0, not -1'],
    [{ hosts: { 'a@b': {} } }, 'hosts["a@b"]: expected a domain such as "example.org", not "a@b"'],
    ['banana', 'expected an object, not "banana"'],
    [undefined, 'expected an object, not nothing'],
  ] as const) {
    assert.deepEqual(faults(input), [expected])
  }
})

test('all faults are said at once, those of extensions too', () => {
  assert.equal(
    faults({ domian: 1, listen: { x: 1 }, log: { level: 1 }, extensions: { nope: true, muc: { a: 1 } } })
      .length,
    5,
  )
})

test('what makes no sense together is a fault', () => {
  assert.deepEqual(faults({ login: { plainWithoutTls: true } }), [
    'login.plainWithoutTls: expected false unless requireTls is false, for it would do nothing, not true',
  ])
  assert.match(faults({ tls: { certificate: 'a.pem' } }).join(), /tls.key: expected a file/)
  assert.equal(faults({ tls: { key: 'a.pem' }, login: { plainWithoutTls: true }, domian: 1 }).length, 3)
  assert.match(faults({ domain: 'a.example', rooms: 'a.example' }).join(), /a.example is used for two things/)
})

test('extensions are left out, added and given options by name', () => {
  const wanted = (input: ConfigInput) => names(read(input).domains[0]?.extensions ?? [])
  assert.deepEqual(wanted({ extensions: { ping: false } }), ['disco'])
  assert.deepEqual(wanted({ extensions: { greet: true } }), ['disco', 'ping', 'greet'])
  assert.deepEqual(read({ extensions: { muc: { maxRooms: 3 } } }).domains[0]?.options, {
    muc: { maxRooms: 3 },
  })
})

test('a further domain has what stands outside, but for what belongs to one domain alone', () => {
  const { domains } = read({
    domain: 'a.example',
    rooms: 'chat.a.example',
    admins: ['anna@a.example'],
    extensions: { ping: false },
    accounts: { anna: 'secret' },
    hosts: { 'b.example': { createOnLogin: true }, 'c.example': { rooms: false, extensions: {} } },
  })
  assert.deepEqual(
    domains.map(({ domain, services, admins, extensions }) => [
      domain,
      services.find(({ kind }) => kind === 'rooms')?.domain,
      admins.join(),
      names(extensions).join(),
    ]),
    [
      ['a.example', 'chat.a.example', 'anna@a.example', 'disco'],
      ['b.example', 'rooms.b.example', 'anna@a.example', 'disco'],
      ['c.example', undefined, 'anna@a.example', 'disco,ping'],
    ],
  )
  assert.deepEqual(
    domains.map(({ settings }) => [settings.createOnLogin, Object.keys(settings.accounts)]),
    [
      [false, ['anna']],
      [true, []],
      [false, []],
    ],
  )
})

test('whatever is written, the answer is a plan or faults with their paths', () => {
  const names = fc.constantFrom(
    'domain',
    'rooms',
    'hosts',
    'a.example',
    'extensions',
    'muc',
    'listen',
    'starttls',
    'tls',
    '__proto__',
  )
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue(),
      fc.dictionary(fc.oneof(names, fc.string()), tie('any')),
    ),
  })).any
  fc.assert(
    fc.property(value, (input) => {
      for (const fault of faults(input)) assert.ok(fault.length > 5 && !fault.includes('\n'), fault)
    }),
    { seed: 7, numRuns: 2000 },
  )
})
