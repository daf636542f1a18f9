// Every script in the sources, each played over TCP against a fresh server.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { stage, stageWith } from '../src/cli/scansion.ts'
import type { Stage } from '../src/scansion/scansion.ts'
import { passes } from './play.ts'

const root = dirname(import.meta.dirname)
const scripts = globSync('src/**/*.scs', { cwd: root }).sort()

test('there are scripts', () => {
  assert.ok(scripts.length > 10)
})

/** Most of playing is waiting for what must not come. */
const atOnce = 8

describe('our own scripts', { concurrency: atOnce }, () => {
  for (const script of scripts)
    test(`${script}: ${titleOf(script)}`, () => passes(join(root, script), stageOf(script)))
})

/** A server as usual, or as `stage.config.json` in the script's folder says: for limits that are too high to play. */
function stageOf(script: string): Stage {
  const file = join(root, dirname(script), 'stage.config.json')
  return existsSync(file) ? stageWith(JSON.parse(readFileSync(file, 'utf8'))) : stage
}

function titleOf(script: string): string {
  const first = readFileSync(`${root}/${script}`, 'utf8').split('\n', 1)[0] ?? ''
  assert.match(first, /^# (RFC |XEP-)\d+/, `${script}: the first line names the clause`)
  return first.slice(2)
}
