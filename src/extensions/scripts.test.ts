// What clients see of an extension on the wire is written down as a script, or there is a reason why not.
import assert from 'node:assert/strict'
import { globSync, readdirSync } from 'node:fs'
import { test } from 'node:test'

/** Folders without a script, and why. */
const reasons: Readonly<Record<string, string>> = {
  'archive-query': 'no extension: what archives of accounts and of rooms share',
  bind2: 'characters of scripts log in as RFC 6120 has it; SASL2 is played in its test',
  fast: 'characters of scripts log in as RFC 6120 has it; SASL2 is played in its test',
  guests: 'characters of scripts have accounts; ANONYMOUS is played in its test',
  standard: 'no extension: the usual list of them',
  'web-chat': 'what browsers see, not clients on a stream',
}

test('every extension has a script of what clients see, or a reason why not', () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  const without = folders
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => globSync(`${name}/**/*.scs`, { cwd: import.meta.dirname }).length === 0)
  assert.deepEqual(without.sort(), Object.keys(reasons).sort())
})
