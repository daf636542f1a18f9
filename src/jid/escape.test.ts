// XEP-0106: JID Escaping
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { escapeLocal, unescapeLocal } from './escape.ts'
import { prepareLocal } from './prepare.ts'

// §5.1, table of examples: what is typed, what travels.
const examples: [string, string][] = [
  ['space cadet', 'space\\20cadet'],
  ['call me "ishmael"', 'call\\20me\\20\\22ishmael\\22'],
  ['at&t guy', 'at\\26t\\20guy'],
  ["d'artagnan", 'd\\27artagnan'],
  ['/.fanboy', '\\2f.fanboy'],
  ['::foo::', '\\3a\\3afoo\\3a\\3a'],
  ['<foo>', '\\3cfoo\\3e'],
  ['user@host', 'user\\40host'],
  ['c:\\net', 'c\\3a\\net'],
  ['c:\\\\net', 'c\\3a\\\\net'],
  ['c:\\cool stuff', 'c\\3a\\cool\\20stuff'],
  ['c:\\5commas', 'c\\3a\\5c5commas'],
  ['\\3and\\2is\\5cool', '\\5c3and\\2is\\5c5cool'],
  ["here's_a_wild_&_/cr%zy/_address", 'here\\27s_a_wild_\\26_\\2fcr%zy\\2f_address'],
]

describe('XEP-0106 §5', () => {
  for (const [typed, escaped] of examples) {
    test(`${typed} travels as ${escaped}`, () => {
      assert.equal(escapeLocal(typed), escaped)
      assert.equal(unescapeLocal(escaped), typed)
    })
  }
  for (const text of ['\\2plus\\2is\\4', 'foo\\bar', 'foob\\41r']) {
    test(`§4.3: ${text} is no escape`, () => {
      assert.equal(escapeLocal(text), text)
      assert.equal(unescapeLocal(text), text)
    })
  }
})

test('XEP-0106 §3.2: no escaped localpart begins or ends with \\20', () => {
  assert.equal(escapeLocal(' a'), undefined)
  assert.equal(escapeLocal('a '), undefined)
  assert.equal(escapeLocal(' '), undefined)
})

test('XEP-0106 §4.1: case counts when unescaping', () => assert.equal(unescapeLocal('a\\2Fb'), 'a\\2Fb'))

test('every name comes back as it was, and from the prepared localpart in lower case', () => {
  const names = fc.stringMatching(/^([ -~]|\\(2[0267fF]|3[aAcCeE]|40|5[cC])){1,20}$/)
  fc.assert(
    fc.property(names, (name) => {
      const escaped = escapeLocal(name)
      if (escaped === undefined) return
      assert.equal(unescapeLocal(escaped), name)
      const local = prepareLocal(escaped)
      assert.ok(local !== undefined)
      assert.equal(unescapeLocal(local), name.toLowerCase())
    }),
    { seed: 106, numRuns: 2000 },
  )
})
