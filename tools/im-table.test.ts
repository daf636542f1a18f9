// The table of what instant messaging asks names tests and scripts that there are, and every script of its core.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultsOf, root, rulesIn } from './rule-table.ts'

const document = 'docs/im.md'
const rules = rulesIn(document)

test('every rule of docs/im.md has a test or script that is there', () => {
  assert.ok(rules.length > 150)
  assert.deepEqual(faultsOf(rules), [])
})

test('every row of its tables is read as a rule', () => {
  const rows = readFileSync(join(root, document), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| (Clause|---) \|/.test(line))
  assert.equal(rows.length, rules.length)
})

test('every script of the core stands by a rule', () => {
  const named = new Set(rules.flatMap(({ heldBy }) => heldBy))
  const core = '{extensions/{roster,archive,offline,stream-management},host}'
  const scripts = globSync(`src/${core}/*.scs`, { cwd: root })
  assert.ok(scripts.length > 40)
  assert.deepEqual(
    scripts.filter((script) => !named.has(script)),
    [],
  )
})
