// The table of what rooms do names tests that there are, and every script and status code of rooms.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = dirname(import.meta.dirname)
const text = readFileSync(join(root, 'docs/muc.md'), 'utf8')

/** Clause, rule, answer and where it is held, of each row. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| §') || line.startsWith('| XEP-'))
  .map((line) => line.slice(2, -2).split(' | '))
const pathsIn = (cell: string) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) =>
    path.startsWith('test/') ? path : `src/extensions/${path}`,
  )

test('every rule of docs/muc.md has a test or script that is there', () => {
  assert.ok(rows.length > 70)
  for (const [clause, rule, _answer, held = ''] of rows) {
    const paths = pathsIn(held)
    assert.ok(paths.length > 0, `${clause}: ${rule}`)
    assert.deepEqual(
      paths.filter((path) => !existsSync(join(root, path))),
      [],
    )
  }
})

test('a script that a rule names plays XEP-0045, or the satellite whose script it is', () => {
  const scripts = new Set(
    rows.flatMap((row) => pathsIn(row[3] ?? '')).filter((path) => path.endsWith('.scs')),
  )
  for (const script of scripts) {
    assert.match(readFileSync(join(root, script), 'utf8'), /^# XEP-0(045|249|313|410) /, script)
  }
})

test('every script of rooms stands by a rule', () => {
  const named = new Set(rows.flatMap((row) => pathsIn(row[3] ?? '')))
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
  const told = rows.map((row) => row[2]).join(' ')
  assert.deepEqual(
    codes.filter((code) => !told.includes(String(code))),
    [],
  )
})
