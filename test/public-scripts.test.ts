// Scripts that other people have published, if there is a folder with some, against the configuration made for them.
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { readConfigFile } from '../src/cli/config-source.ts'
import { stageWith } from '../src/cli/scansion.ts'
import { passes } from './play.ts'

const folder = process.env.BALCONY_SCANSION_SCRIPTS
const scripts = folder ? globSync(join(folder, '**/*.scs')).sort() : []

/** Most of playing is waiting for what must not come. */
const atOnce = 4

describe('public scripts', { concurrency: atOnce }, () => {
  for (const script of scripts) test(basename(script), () => play(script))
})

async function play(script: string): Promise<void> {
  const config = await readConfigFile(join(import.meta.dirname, 'conformance.config.json'))
  await passes(script, stageWith(config))
}
