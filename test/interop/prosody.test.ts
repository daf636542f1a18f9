// The runner against a real Prosody: what its scripts say of Prosody has to be true of Prosody.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { explainFailure } from '../../src/scansion/report/explain.ts'
import { noPaint } from '../../src/scansion/report/paint.ts'
import {
  type Performance,
  type PlayOptions,
  parseScript,
  playScript,
  type Script,
  usualPlay,
} from '../../src/scansion/scansion.ts'
import { mutantsOf } from './mutants.ts'
import { findProsody, startProsody } from './prosody-server.ts'

/** Public scripts, where somebody has put them beside this checkout. */
const neighbour = join(import.meta.dirname, '../../../shared/scripts')
const publicScripts = process.env.BALCONY_SCANSION_SCRIPTS ?? (existsSync(neighbour) ? neighbour : undefined)

/**
 * Public scripts written for a Prosody newer than the one here, by the version here: what they ask for that it
 * does not do, and what the account of the failure says then.
 */
const tooNew: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  '0.12': {
    // disco#info of an account does not list disco#info and disco#items themselves.
    'disco_self.scs': /-\s+<feature var='http:\/\/jabber.org\/protocol\/disco#info'\/>/,
    // PEP events always name the publisher.
    'pep_nickname.scs': /\+\s+<item id='current' publisher='romeo@localhost'>/,
    'pep_publish_subscribe.scs': /\+\s+<item id='current' publisher='pep-test-tqvqu_pv@localhost'>/,
    // The node's form has neither of these fields.
    'pubsub_config.scs':
      /-\s+<field .*var='pubsub#roster_groups_allowed'.*[\s\S]*\n\s*-\s+<field .*var='pubsub#itemreply'/,
    'pubsub_multi_items.scs':
      /-\s+<field .*var='pubsub#roster_groups_allowed'.*[\s\S]*\n\s*-\s+<field .*var='pubsub#itemreply'/,
  },
}

/** Mutants that are played; they are spread evenly over all there are. */
const mutantsPlayed = 40

/** How long is waited for what comes with certainty, however busy the machine is. */
const patienceMs = 20_000

/** Servers at once. */
const lanes = 5

const prosody = findProsody()
const skip = 'reason' in prosody ? `no Prosody here: ${prosody.reason}` : false
const version = 'version' in prosody ? prosody.version : ''

describe(`scansion against Prosody ${version}`, { skip, concurrency: false }, () => {
  test('our own scripts pass', async () => {
    const failures = await playAll(readScripts(join(import.meta.dirname, 'scripts')))
    assert.deepEqual([...failures.values()], [])
  })

  if (publicScripts !== undefined) {
    test('public scripts pass, but for those that ask for a newer Prosody', async () => {
      const expected = Object.entries(tooNew).find(([start]) => version.startsWith(start))?.[1] ?? {}
      const scripts = readScripts(publicScripts)
      const failures = await playAll(scripts)
      const names = scripts.map((script) => basename(script.file))
      const unexpected = [...failures].filter(([name, told]) => !expected[name]?.test(told))
      assert.deepEqual(Object.fromEntries(unexpected), {})
      const passed = Object.keys(expected).filter((name) => names.includes(name) && !failures.has(name))
      assert.deepEqual(passed, [], 'expected to fail, but passed')
    })
  }

  test('a script with one broken expectation fails at it', async () => {
    const all = readScripts(join(import.meta.dirname, 'scripts')).flatMap(mutantsOf)
    const step = Math.max(1, all.length / mutantsPlayed)
    const chosen = all.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
    const survivors: string[] = []
    await atOnce(chosen, async ({ what, script }) => {
      const { failure } = await play(script, { timeoutMs: 600 })
      if (failure === undefined) survivors.push(what)
    })
    assert.deepEqual(survivors, [])
  })
})

function readScripts(directory: string): Script[] {
  return globSync('**/*.scs', { cwd: directory })
    .sort()
    .map((name) => {
      const parsed = parseScript(readFileSync(join(directory, name), 'utf8'), name)
      assert.ok(!Array.isArray(parsed), JSON.stringify(parsed))
      return parsed
    })
}

/** What is told of the scripts that fail, by file name. */
async function playAll(scripts: readonly Script[]): Promise<Map<string, string>> {
  const failures = new Map<string, string>()
  await atOnce(scripts, async (script) => {
    const { failure } = await play(script, { timeoutMs: patienceMs })
    if (failure) failures.set(basename(script.file), explainFailure(script, failure, noPaint).join('\n'))
  })
  return failures
}

async function play(script: Script, options: Partial<PlayOptions> = {}): Promise<Performance> {
  const server = await startProsody()
  try {
    return await playScript(script, { ...usualPlay, host: server.host, port: server.port, ...options })
  } finally {
    await server.close()
  }
}

/** Does `work` with every item, a few at a time: most of it is waiting. */
async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values()
  const lane = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
