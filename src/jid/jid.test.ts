// RFC 7622: the examples of its §3.5, the structure of addresses, and what holds for every text.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { cpuTimeOf } from '../../test/cpu-time.ts'
import { Jid, jid, parseJid, withResource } from './jid.ts'

const seeded = { seed: 7622, numRuns: 1000 }

// Number, text, localpart, domainpart, resourcepart.
const legal: [number, string, string, string, string][] = [
  [1, 'juliet@example.com', 'juliet', 'example.com', ''],
  [2, 'juliet@example.com/foo', 'juliet', 'example.com', 'foo'],
  [3, 'juliet@example.com/foo bar', 'juliet', 'example.com', 'foo bar'],
  [4, 'juliet@example.com/foo@bar', 'juliet', 'example.com', 'foo@bar'],
  [5, 'foo\\20bar@example.com', 'foo\\20bar', 'example.com', ''],
  [6, 'fussball@example.com', 'fussball', 'example.com', ''],
  [7, 'fu\u00dfball@example.com', 'fu\u00dfball', 'example.com', ''],
  [8, '\u03c0@example.com', '\u03c0', 'example.com', ''],
  [9, '\u03a3@example.com/foo', '\u03c3', 'example.com', 'foo'],
  [10, '\u03c3@example.com/foo', '\u03c3', 'example.com', 'foo'],
  [11, '\u03c2@example.com/foo', '\u03c2', 'example.com', 'foo'],
  [12, 'king@example.com/\u265a', 'king', 'example.com', '\u265a'],
  [13, 'example.com', '', 'example.com', ''],
  [14, 'example.com/foobar', '', 'example.com', 'foobar'],
  [15, 'a.example.com/b@example.net', '', 'a.example.com', 'b@example.net'],
]

const illegal: [number, string][] = [
  [16, '"juliet"@example.com'],
  [17, 'foo bar@example.com'],
  [19, '@example.com/'],
  [20, 'henry\u2163@example.com'],
  [21, '\u265a@example.com'],
  [22, 'juliet@'],
  [23, '/foobar'],
]

describe('RFC 7622 §3.5, the examples', () => {
  for (const [number, text, local, domain, resource] of legal) {
    test(`example ${number} is legal: ${text}`, () => {
      const parsed = jid(text)
      assert.deepEqual([parsed.local, parsed.domain, parsed.resource], [local, domain, resource])
    })
  }
  for (const [number, text] of illegal) {
    test(`example ${number} is illegal: ${text}`, () => assert.equal(parseJid(text), undefined))
  }
  test('example 18 is taken for legal: OpaqueString (RFC 8265 §4.2) has a space anywhere, as Resourceprep had', () => {
    assert.equal(jid('juliet@example.com/ foo').resource, ' foo')
  })
  test('examples 9 and 10 are one address, example 11 is another', () => {
    assert.ok(jid('\u03a3@example.com/foo').equals(jid('\u03c3@example.com/foo')))
    assert.ok(!jid('\u03c3@example.com/foo').equals(jid('\u03c2@example.com/foo')))
  })
  test('examples 6 and 7 are different addresses', () => {
    assert.ok(!jid('fussball@example.com').equals(jid('fu\u00dfball@example.com')))
  })
})

describe('RFC 7622 §3.1, the structure', () => {
  const refused = [
    '',
    '@',
    '/',
    '@/',
    'a@',
    'a@/b',
    '@b',
    'a@b/',
    'b/',
    'a@b@c',
    'a@b:5222',
    'a@b\n',
    ' a@b',
    'a@b.c d',
  ]
  for (const text of refused) {
    test(`is no address: ${JSON.stringify(text)}`, () => assert.equal(parseJid(text), undefined))
  }
  test('the first slash ends the domainpart; what follows is free text', () => {
    const odd = jid(`romeo@example.net//'"\\;%00/../@<&>`)
    assert.equal(odd.resource, `/'"\\;%00/../@<&>`)
    assert.equal(odd.bare.toString(), 'romeo@example.net')
  })
  test('names that objects have by nature are names like others', () => {
    const odd = jid('__proto__@constructor/hasOwnProperty')
    assert.deepEqual([odd.local, odd.domain, odd.resource], ['__proto__', 'constructor', 'hasOwnProperty'])
    assert.equal(jid('toString').domain, 'tostring')
  })
  test('local and domainpart are compared without case, the resourcepart with', () => {
    assert.equal(jid('Romeo@Example.NET/Orchard').toString(), 'romeo@example.net/Orchard')
    assert.ok(!jid('a@b/X').equals(jid('a@b/x')))
  })
  test('a full address knows its bare one; a bare one is its own', () => {
    const full = jid('romeo@example.net/orchard')
    assert.equal(full.isBare, false)
    assert.equal(full.bare.isBare, true)
    assert.equal(full.bare.bare, full.bare)
    assert.ok(full.bare.equals(jid('romeo@example.net')))
    assert.ok(!full.equals(full.bare))
    assert.ok(!full.equals(undefined))
  })
  test('§3.2 to §3.4: each part has 1023 octets at most', () => {
    const name = (octets: number) => `${'a.'.repeat((octets - 1) / 2)}a`
    assert.ok(parseJid(`${'a'.repeat(1023)}@${name(1023)}/${'a'.repeat(1023)}`))
    assert.equal(parseJid(`${'a'.repeat(1024)}@b`), undefined)
    assert.equal(parseJid(name(1025)), undefined)
    assert.equal(parseJid(`b/${'a'.repeat(1024)}`), undefined)
  })
  test('§3.3.1, §3.4.1: what counts are octets of UTF-8 after preparation', () => {
    assert.ok(parseJid(`b/${'\u00e9'.repeat(511)}a`))
    assert.ok(parseJid(`b/${'e\u0301'.repeat(511)}a`))
    assert.equal(parseJid(`b/${'\u00e9'.repeat(512)}`), undefined)
    assert.ok(parseJid(`${'\uff41'.repeat(1023)}@b`))
    assert.equal(parseJid(`${'\u{20000}'.repeat(256)}@b`), undefined)
  })
  test('a text of any length is refused in no time', () => {
    const cost = cpuTimeOf(() => {
      assert.equal(parseJid('a'.repeat(10_000_000)), undefined)
      assert.equal(parseJid(`b/${'\u00e9'.repeat(10_000_000)}`), undefined)
    })
    assert.ok(cost < 500, `${cost} ms`)
  })
})

describe('making addresses', () => {
  test('jid throws for what is none, naming it', () => {
    assert.throws(() => jid('a@b@c'), new TypeError('not an address: a@b@c'))
  })
  test('Jid.of prepares its parts and does not look for separators in them', () => {
    assert.equal(Jid.of('Romeo', 'Example.net.', 'a/b@c')?.toString(), 'romeo@example.net/a/b@c')
    assert.equal(Jid.of('', 'example.net')?.toString(), 'example.net')
    assert.equal(Jid.of('a@b', 'example.net'), undefined)
    assert.equal(Jid.of('a', 'b/c'), undefined)
    assert.equal(Jid.of('a', ''), undefined)
    assert.equal(Jid.of('a', 'b', '\u0000'), undefined)
  })
  test('withResource replaces the resourcepart, prepared', () => {
    const room = jid('room@muc.example.net')
    assert.equal(withResource(room, 'Th\u00ed\u00a0rd')?.toString(), 'room@muc.example.net/Th\u00ed rd')
    assert.equal(withResource(jid('room@muc.example.net/x'), 'y')?.toString(), 'room@muc.example.net/y')
    assert.equal(withResource(room, ''), undefined)
    assert.equal(withResource(room, 'a\u0007'), undefined)
    assert.equal(withResource(room, 'y')?.bare, room)
  })
})

describe('what was parsed before', () => {
  test('is the same object for every way to write or make it', () => {
    const first = jid('nurse@example.com/kitchen')
    assert.equal(jid('nurse@example.com/kitchen'), first)
    assert.equal(jid('Nurse@EXAMPLE.com/kitchen'), first)
    assert.equal(Jid.of('NURSE', 'example.com.', 'kitchen'), first)
    assert.equal(withResource(jid('nurse@example.com'), 'kitchen'), first)
    assert.equal(first.bare, jid('nurse@example.com'))
  })
  test('does not keep alive the chunk it was cut from', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const chunk = 1024 * 1024
    const kept: (Jid | undefined)[] = []
    const cut = (text: string) => `${'x'.repeat(chunk)}${text}`.slice(chunk)
    collect()
    const before = process.memoryUsage().heapUsed
    for (let index = 0; index < 32; index += 1) {
      kept.push(parseJid(cut(`somebody-with-a-name-${index}@some.example.org/a-long-resource`)))
      kept.push(parseJid(cut(`Somebody-With-A-Name-${index}@SOME.example.org/A-LONG-RESOURCE`)))
      kept.push(parseJid(cut(`a-domain-alone-${index}.example.org`)))
      kept.push(withResource(jid('somebody@example.org'), cut(`another-long-resource-${index}`)))
      kept.push(Jid.of(cut(`somebody-${index}-of-example`), cut('somewhere.example.net')))
      kept.push(parseJid(cut(`${'a.'.repeat(300)}long-domain-${index}`)))
      kept.push(parseJid(cut(`${'n'.repeat(600)}${index}@example.org/${'r'.repeat(600)}`)))
    }
    collect()
    assert.ok(!kept.includes(undefined))
    assert.ok(process.memoryUsage().heapUsed - before < 8 * chunk)
  })
})

describe('for every text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '@',
      '/',
      '.',
      'xn--',
      '\u200c',
      '\u200d',
      '\u3002',
      '\uff20',
      '\ufb03',
      '[::1]',
      '\u0130',
      '\u03a3',
    ),
  )
  const anything = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
  const addresses = fc.oneof(
    anything,
    fc.tuple(piece, piece, piece).map(([local, domain, resource]) => `${local}@${domain}/${resource}`),
    fc.tuple(piece, piece).map(([local, resource]) => `${local}@example.net/${resource}`),
  )

  test('what is parsed from the text of an address is that address', () => {
    fc.assert(
      fc.property(addresses, (text) => {
        const once = parseJid(text)
        if (once === undefined) return
        const again = Jid.of(once.local, once.domain, once.resource)
        assert.ok(again !== undefined && once.equals(again), text)
        assert.deepEqual(
          [again.local, again.domain, again.resource],
          [once.local, once.domain, once.resource],
        )
        assert.ok(once.equals(parseJid(once.toString())))
      }),
      { ...seeded, numRuns: 5000 },
    )
  })
  test('a localpart has none of the characters that §3.3.1 forbids', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const local = Jid.of(text, 'example.net')?.local ?? ''
        assert.ok(!/[\s"&'/:<>@\p{Cc}\p{Cs}\p{Cn}]/u.test(local), text)
      }),
      seeded,
    )
  })
})
