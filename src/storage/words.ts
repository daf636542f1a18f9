// What a full-text search goes by: the words of a text, as tokens that belong to one archive.
import { hash } from 'node:crypto'

/** The longest word that is told apart from others which begin the same, in UTF-16 units. */
const maxWordLength = 64
/** Letters and digits with their marks; in scripts that put no spaces between words each letter is one. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}])+/gu
const marks = /\p{M}+/gu

/** What most messages are made of, and what in them is a word; told at a glance. */
const asciiWord = /[a-z0-9]+/g
const notAscii = /\P{ASCII}/u

/** The words of a text, each once, without regard to case and diacritics. */
export function wordsOf(text: string): string[] {
  if (!notAscii.test(text)) return distinct(text.toLowerCase().match(asciiWord))
  const plain = text.normalize('NFKD').replace(marks, '').toLowerCase()
  return distinct(plain.match(word)).map((found) => found.toWellFormed())
}

function distinct(words: readonly string[] | null): string[] {
  const all = new Set<string>()
  for (const found of words ?? [])
    all.add(found.length > maxWordLength ? found.slice(0, maxWordLength) : found)
  return [...all]
}

/**
 * Words with a mark of their archive before each. So the words of one archive lie together in the index, and a
 * search reads nothing of others, of which there may be a million that use the same words.
 */
export function tokensOf(text: string, store: number, owner: string): string[] {
  const mark = hash('sha1', `${store} ${owner}`).slice(0, 8)
  return wordsOf(text).map((found) => mark + found)
}
