// The table of what rooms do names tests that there are, and every script and status code of rooms.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultsOf, root, rulesIn } from './rule-table.ts'

const rules = rulesIn('docs/muc.md')
const named = new Set(rules.flatMap(({ heldBy }) => heldBy))

test('every rule of docs/muc.md has a test or script that is there', () => {
  assert.ok(rules.length > 70)
  assert.deepEqual(faultsOf(rules), [])
})

test('a script that a rule names plays XEP-0045, or the satellite whose script it is', () => {
  for (const script of [...named].filter((path) => path.endsWith('.scs'))) {
    assert.match(readFileSync(join(root, script), 'utf8'), /^# XEP-0(045|249|313|410) /, script)
  }
})

test('every script of rooms stands by a rule', () => {
  const scripts = globSync('src/extensions/muc/scripts/**/*.scs', { cwd: root })
  assert.ok(scripts.length > 80)
  assert.deepEqual(
    scripts.filter((script) => !named.has(script)),
    [],
  )
})

test('every status code of XEP-0045 §16.6.2 stands by a rule', () => {
  const codes = [
    100, 101, 102, 103, 104, 110, 170, 171, 172, 173, 201, 210, 301, 303, 307, 321, 322, 332, 333,
  ]
  const told = rules.map(({ answer }) => answer).join(' ')
  assert.deepEqual(
    codes.filter((code) => !told.includes(String(code))),
    [],
  )
})
