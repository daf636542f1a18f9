// A script played over TCP, as the command does it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { command } from '../src/scansion/command.ts'
import { readOptions } from '../src/scansion/options.ts'
import type { Stage } from '../src/scansion/scansion.ts'

/**
 * Plays one script, in a file, against what `stage` starts for it.
 * @throws AssertionError with the report if it fails
 */
export async function passes(script: string, stage: Stage): Promise<void> {
  const options = readOptions({ serve: true, timeout: '20' })
  assert.ok(!('length' in options))
  const report: string[] = []
  const out = { write: (text: string) => void report.push(text), isTTY: false }
  const files = {
    list: async (path: string) => [path],
    read: async (path: string) => readFileSync(path, 'utf8'),
  }
  const exitCode = await command([script], options, { out, err: out, files, stage })
  assert.equal(exitCode, 0, report.join(''))
}
