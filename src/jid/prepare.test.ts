// RFC 8264 and RFC 8265: localparts and resourceparts.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cpuTimeOf } from '../../test/cpu-time.ts'
import { prepareLocal, prepareResource } from './prepare.ts'

type Prepare = (text: string) => string | undefined

function allows(prepare: Prepare, cases: [string, string, string][]): void {
  for (const [rule, text, form] of cases) {
    test(`${rule}: ${JSON.stringify(text)}`, () => assert.equal(prepare(text), form))
  }
}

function refuses(prepare: Prepare, cases: [string, string][]): void {
  for (const [rule, text] of cases) {
    test(`refused is ${rule}: ${JSON.stringify(text)}`, () => assert.equal(prepare(text), undefined))
  }
}

describe('localparts: UsernameCaseMapped (RFC 8265 §3.3) less the eight of RFC 7622 §3.3.1', () => {
  allows(prepareLocal, [
    ['all else of ASCII', '!#$%()*+,-.0123456789;=?[\\]^_`{|}~', '!#$%()*+,-.0123456789;=?[\\]^_`{|}~'],
    ['lower case', 'JULIET', 'juliet'],
    ['lower case beyond ASCII', '\u00c9VA', '\u00e9va'],
    ['composition', 'e\u0301va', '\u00e9va'],
    ['width', '\uff2a\uff55\uff4c\uff49\uff45\uff54', 'juliet'],
    ['half-width kana, composed', '\uff76\uff9e', '\u30ac'],
    ['Deseret, beyond the basic plane', '\u{10400}', '\u{10428}'],
    ['exception: sharp s', '\u00df', '\u00df'],
    ['exception: ideographic zero', '\u3007', '\u3007'],
    ['a dotted capital I', '\u0130', 'i\u0307'],
    ['Hebrew', '\u05d0\u05d1', '\u05d0\u05d1'],
    ['Hebrew with digits behind', '\u05d0\u05d11', '\u05d0\u05d11'],
    ['Hebrew with a point at the end', '\u05d0\u05b0', '\u05d0\u05b0'],
    ['RFC 5892 A.1: ZWNJ that breaks a joint', '\u0646\u0647\u200c\u0627', '\u0646\u0647\u200c\u0627'],
    ['RFC 5892 A.1: ZWNJ among marks', '\u0628\u064e\u200c\u064e\u0628', '\u0628\u064e\u200c\u064e\u0628'],
    [
      'RFC 5892 A.1, A.2: ZWNJ and ZWJ after a virama',
      '\u0915\u094d\u200c\u0937\u094d\u200d\u0915',
      '\u0915\u094d\u200c\u0937\u094d\u200d\u0915',
    ],
    [
      'RFC 5892 A.2: ZWJ after a virama beyond the basic plane',
      '\u{11005}\u{11046}\u200d',
      '\u{11005}\u{11046}\u200d',
    ],
    ['RFC 5892 A.3: middle dot', 'col\u00b7lega', 'col\u00b7lega'],
    ['RFC 5892 A.4: keraia', '\u0375\u03b1', '\u0375\u03b1'],
    [
      'RFC 5892 A.5, A.6: geresh and gershayim',
      '\u05d0\u05f3\u05d1\u05f4\u05d2',
      '\u05d0\u05f3\u05d1\u05f4\u05d2',
    ],
    ['RFC 5892 A.7: katakana middle dot', '\u30a2\u30fb\u30a4', '\u30a2\u30fb\u30a4'],
    ['RFC 5892 A.8: Arabic-Indic digits', '\u0627\u0661', '\u0627\u0661'],
    ['RFC 5892 A.9: extended Arabic-Indic digits', '\u0627\u06f1', '\u0627\u06f1'],
  ])
  refuses(prepareLocal, [
    ['nothing', ''],
    ...[...`"&'/:<>@ \t\n\u0000\u007f`].map((char): [string, string] => [
      'a forbidden character',
      `a${char}b`,
    ]),
    ['a forbidden character in full width', 'a\uff20b'],
    ['a forbidden character beside other letters', '\u00e9@b'],
    ['§9.17: a compatibility character', '\ufb01ne'],
    ['a symbol', 'i\u2764u'],
    ['punctuation beyond ASCII', 'a\u2014b'],
    ['a space beyond ASCII', 'a\u00a0b'],
    ['a titlecase letter', '\u01c5'],
    ['§9.9: old Hangul jamo', '\u1100\u1161'],
    ['§9.13: what may be ignored', 'a\u00adb'],
    ['exception: tatweel', '\u0628\u0640'],
    ['unassigned', 'a\u0378'],
    ['a noncharacter', 'a\ufdd0'],
    ['private use', 'a\ue000'],
    ['a lone surrogate', 'a\ud83d'],
    ['a control character beyond ASCII', 'a\u0085'],
    ['an override of direction', 'a\u202eb'],
    ['RFC 5893 rule 1: a digit before Hebrew', '1\u05d0'],
    ['RFC 5893 rule 1: a mark before Hebrew', '\u05b0\u05d0'],
    ['RFC 5893 rule 1: Arabic digits alone', '\u0661'],
    ['RFC 5893 rule 2: Latin within Hebrew', '\u05d0a\u05d0'],
    ['RFC 5893 rule 3: a sign after Hebrew', '\u05d0-'],
    ['RFC 5893 rule 3: a sign with a point after Hebrew', '\u05d0-\u05b0'],
    ['RFC 5893 rule 4: two kinds of digits', '\u06271\u0661'],
    ['RFC 5893 rule 5: Hebrew within Latin', 'a\u05d0a'],
    ['RFC 5892 A.1: ZWNJ alone', '\u200c'],
    ['RFC 5892 A.1: ZWNJ between Latin', 'a\u200cb'],
    ['RFC 5892 A.1: ZWNJ after a letter that does not join', '\u0627\u200c\u0628'],
    ['RFC 5892 A.1: two ZWNJ', '\u0628\u200c\u200c\u0628'],
    ['RFC 5892 A.2: ZWJ after a nukta', '\u0915\u093c\u200d'],
    ['RFC 5892 A.2: ZWJ after a voiced sound mark', '\u304b\u3099\u200d'],
    ['RFC 5892 A.2: ZWJ first', '\u200da'],
    ['RFC 5892 A.2: ZWJ after a Hebrew point', '\u05d0\u05b0\u200d\u05d0'],
    ['RFC 5892 A.2: ZWJ where ZWNJ may be', '\u0646\u0647\u200d\u0627'],
    ['RFC 5892 A.3: middle dot elsewhere', 'a\u00b7b'],
    ['RFC 5892 A.3: middle dot after l only', 'al\u00b7b'],
    ['RFC 5892 A.3: middle dot before l only', 'a\u00b7lb'],
    ['RFC 5892 A.4: keraia before Latin', '\u0375a'],
    ['RFC 5892 A.5: geresh after Latin', 'a\u05f3'],
    ['RFC 5892 A.7: katakana middle dot without kana', 'a\u30fbb'],
    ['RFC 5892 A.8, A.9: both kinds of digits', '\u0627\u0661\u06f1'],
  ])
})

describe('resourceparts: OpaqueString (RFC 8265 §4.2)', () => {
  allows(prepareResource, [
    ['ASCII as it is', ` Balcony "'\\;%00/../<&>@ `, ` Balcony "'\\;%00/../<&>@ `],
    ['any space becomes one of ASCII', 'a\u00a0b\u3000c', 'a b c'],
    ['composition', 'e\u0301', '\u00e9'],
    ['width stays', '\uff21', '\uff21'],
    ['compatibility characters stay', '\ufb01\u2163', '\ufb01\u2163'],
    ['symbols', '\u2764 \u265a \u2603', '\u2764 \u265a \u2603'],
    ['emoji', '\u{1f600}\u{1f44d}\u{1f3fd}', '\u{1f600}\u{1f44d}\u{1f3fd}'],
    ['flags', '\u{1f1e9}\u{1f1ea}', '\u{1f1e9}\u{1f1ea}'],
    ['directions mix', 'a\u05d0a', 'a\u05d0a'],
  ])
  refuses(prepareResource, [
    ['nothing', ''],
    ['a control character', 'a\u0007'],
    ['a line', 'a\nb'],
    ['§9.13: an emoji with a variation selector', '\u2764\ufe0f'],
    ['RFC 5892 A.2: emoji held together by ZWJ', '\u{1f468}\u200d\u{1f469}'],
    ['RFC 5892 A.5, A.6: geresh or gershayim after Latin', 'a\u05f4'],
    ['a zero-width space', 'a\u200bb'],
    ['an override of direction', 'a\u202eb'],
    ['a byte order mark', '\ufeffa'],
    ['unassigned', '\u{e0fff}'],
    ['private use', '\ue000'],
    ['a lone surrogate', '\udc00'],
  ])
})

describe('for every text', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc
      .array(
        fc.constantFrom(
          ...'\u0628\u064e\u200c\u200d\u094d\u0661\u06f1\u05d0a1 \u00a0\u1fb3\u0345\u03a3\u0130\u1e9e\ufb01\uff76\uff9e',
        ),
      )
      .map((chars) => chars.join('')),
  )
  for (const prepare of [prepareLocal, prepareResource]) {
    test(`${prepare.name} gives for what it gave the same again (RFC 8264 §7)`, () => {
      fc.assert(
        fc.property(texts, (text) => {
          const once = prepare(text)
          if (once !== undefined) assert.equal(prepare(once), once)
        }),
        { seed: 8265, numRuns: 2000 },
      )
    })
  }
  test('the cost of walking over marks and joiners is linear', () => {
    const costOf = (count: number) => {
      const text = `\u0628${`${'\u064e'.repeat(30)}\u200c`.repeat(count)}\u0628${'\u06f1'.repeat(count)}`
      return cpuTimeOf(() => {
        for (let turn = 0; turn < 20; turn += 1) prepareResource(text)
      })
    }
    costOf(100)
    const cost = costOf(100)
    assert.ok(cost < 400, `${cost} ms`)
  })
})
