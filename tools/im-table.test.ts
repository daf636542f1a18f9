// The table of what instant messaging asks names tests and scripts that there are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf, rulesIn } from './rule-table.ts'

test('every rule of docs/im.md has a test or script that is there', () => {
  assert.deepEqual(faultsOf(rulesIn('docs/im.md')), [])
})
