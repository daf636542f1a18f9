// Every script in the sources, each played over TCP against a fresh server.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { stage } from '../src/cli/scansion.ts'
import { command } from '../src/scansion/command.ts'
import { readOptions } from '../src/scansion/options.ts'

const root = dirname(import.meta.dirname)
const scripts = globSync('src/**/*.scs', { cwd: root }).sort()

test('there are scripts', () => {
  assert.ok(scripts.length > 10)
})

for (const script of scripts) {
  test(`${script}: ${titleOf(script)}`, async () => {
    const options = readOptions({ serve: true })
    assert.ok(!('length' in options))
    const report: string[] = []
    const out = { write: (text: string) => void report.push(text), isTTY: false }
    const files = {
      list: async (path: string) => [path],
      read: async (path: string) => readFileSync(`${root}/${path}`, 'utf8'),
    }
    const exitCode = await command([script], options, {
      out,
      err: out,
      files,
      stage,
    })
    assert.equal(exitCode, 0, report.join(''))
  })
}

function titleOf(script: string): string {
  const first = readFileSync(`${root}/${script}`, 'utf8').split('\n', 1)[0] ?? ''
  assert.match(first, /^# (RFC |XEP-)\d+/, `${script}: the first line names the clause`)
  return first.slice(2)
}
