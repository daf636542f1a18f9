import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { tokensOf, wordsOf } from './words.ts'

for (const [text, words] of [
  ['But soft! What light', ['but', 'soft', 'what', 'light']],
  ['soft, Soft; SOFT', ['soft']],
  ['Ünïcode naïve', ['unicode', 'naive']],
  ["it's 10:50", ['it', 's', '10', '50']],
  ['東京 Tower', ['東', '京', 'tower']],
  ['ﬁne', ['fine']],
  ['mid東京dle', ['mid', '東', '京', 'dle']],
  ['!? 🙂', []],
  ['', []],
] as [string, string[]][]) {
  test(`the words of ${JSON.stringify(text)}: ${words.join(' ') || 'none'}`, () => {
    assert.deepEqual(wordsOf(text), words)
  })
}

test('a word is cut where it is too long, and never within a character', () => {
  assert.deepEqual(wordsOf('x'.repeat(200)), ['x'.repeat(64)])
  assert.ok(wordsOf(`x${'𝕏𐐷'.repeat(60)}`)[0]?.isWellFormed())
})

test('tokens have nothing that the index would split or take for a mark, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      for (const token of tokensOf(text, 1, 'romeo')) {
        assert.match(token, /^[0-9a-f]{8}(?:[a-z0-9]|\P{ASCII})+$/u)
      }
    }),
    { seed: 431, numRuns: 500 },
  )
})

test('the same word in two archives is two tokens', () => {
  const tokens = [tokensOf('soft', 1, 'a'), tokensOf('soft', 1, 'b'), tokensOf('soft', 2, 'a')].flat()
  assert.equal(new Set(tokens).size, 3)
})
