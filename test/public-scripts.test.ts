// Scripts that other people have published, if there is a folder with some, against the configuration made for them.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { readConfigFile } from '../src/cli/config-source.ts'
import { stageWith } from '../src/cli/scansion.ts'
import { command } from '../src/scansion/command.ts'
import { readOptions } from '../src/scansion/options.ts'

const folder = process.env.BALCONY_SCANSION_SCRIPTS
const scripts = folder ? globSync(join(folder, '**/*.scs')).sort() : []

/** Most of playing is waiting for what must not come. */
const atOnce = 4

describe('public scripts', { concurrency: atOnce }, () => {
  for (const script of scripts) {
    test(basename(script), async () => {
      const { exitCode, report } = await play(script)
      assert.equal(exitCode, 0, report)
    })
  }
})

async function play(script: string): Promise<{ exitCode: number; report: string }> {
  const options = readOptions({ serve: true, timeout: '20' })
  assert.ok(!('length' in options))
  const report: string[] = []
  const out = { write: (text: string) => void report.push(text), isTTY: false }
  const files = {
    list: async (path: string) => [path],
    read: async (path: string) => readFileSync(path, 'utf8'),
  }
  const stage = stageWith(await readConfigFile(join(import.meta.dirname, 'conformance.config.json')))
  const exitCode = await command([script], options, { out, err: out, files, stage })
  return { exitCode, report: report.join('') }
}
