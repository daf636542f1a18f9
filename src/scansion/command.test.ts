import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command } from './command.ts'
import { type CommandOptions, type RawOptions, readOptions } from './options.ts'
import type { Stage } from './suite.ts'

const head = (tag: string) => `# ${tag}\n## ${tag}\n[Client] Romeo\n\tjid: romeo@localhost\n---\n`

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Plays scripts that are given as texts; `folder` names all of them. */
async function run(
  texts: Readonly<Record<string, string>>,
  paths: string[],
  raw: RawOptions,
  stage?: Stage,
): Promise<Run> {
  let out = ''
  let err = ''
  const files = {
    list: async (path: string) => {
      if (path === 'folder') return Object.keys(texts).sort()
      if (texts[path] === undefined) throw new Error('no such file')
      return [path]
    },
    read: async (file: string) => texts[file] ?? assert.fail(file),
  }
  const parts = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    files,
    ...(stage ? { stage } : {}),
  }
  const code = await command(paths, readOptions({ settle: '0', ...raw }) as CommandOptions, parts)
  return { code, out, err }
}

test('exit code 0: all passed, or were left out by their tags', async () => {
  const texts = { 'a.scs': head('slow'), 'b.scs': head('quick') }
  const { code, out } = await run(texts, ['folder'], { skipTags: 'slow' })
  assert.equal(code, 0)
  assert.match(out, /- slow \(skipped\)\n✓ quick b\.scs .*\n1 passed, 1 skipped/)
})

test('exit code 1: a step failed; one character cannot reach the server', async () => {
  const { code, out } = await run({ 'a.scs': `${head('x')}Romeo connects\n` }, ['a.scs'], { port: '1' })
  assert.equal(code, 1)
  assert.match(out, /a\.scs:6: Romeo connects: Romeo cannot connect: connect ECONNREFUSED/)
})

test('exit code 2: a script that cannot be read, the others being played all the same', async () => {
  const texts = { 'a.scs': 'Romeo connects', 'b.scs': head('fine') }
  const { code, out } = await run(texts, ['folder'], {})
  assert.equal(code, 2)
  assert.match(out, /a\.scs:1:1: expected/)
  assert.match(out, /✓ fine/)
})

test('exit code 2: a path that does not exist, a folder with nothing in it, no path at all', async () => {
  assert.deepEqual(await run({}, ['gone.scs'], {}), {
    code: 2,
    out: '',
    err: 'scansion: gone.scs: no such file\n',
  })
  assert.match((await run({}, ['folder'], {})).err, /folder: no \.scs files there/)
  assert.match((await run({}, [], {})).err, /expected a script or a folder/)
})

test('--serve makes a server for each script and closes it, at most --jobs at once', async () => {
  let open = 0
  let most = 0
  const stage: Stage = async () => {
    open += 1
    most = Math.max(most, open)
    const close = async () => {
      open -= 1
    }
    return { host: '127.0.0.1', port: 1, close }
  }
  const texts = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`${index}.scs`, `${head('x')}Romeo disconnects`]),
  )
  const { code } = await run(texts, ['folder'], { serve: true, jobs: '3', settle: '0.01' }, stage)
  assert.equal(code, 0)
  assert.equal(open, 0)
  assert.equal(most, 3)
})

test('a server that cannot be made is that script’s failure', async () => {
  const stage = () => Promise.reject(new Error('no port is free'))
  const { code, out } = await run({ 'a.scs': head('x') }, ['a.scs'], { serve: true }, stage)
  assert.equal(code, 1)
  assert.match(out, /no server could be started: no port is free/)
})

test('--serve where there is no server to be had is refused', async () => {
  assert.equal((await run({ 'a.scs': head('x') }, ['a.scs'], { serve: true })).code, 2)
})

test('results stand in the order of the scripts, however long each takes', async () => {
  const texts = { 'a.scs': `${head('first')}Romeo disconnects`, 'b.scs': head('second') }
  const { out } = await run(texts, ['folder'], { jobs: '2', settle: '0.05', reporter: 'tap' })
  assert.match(out, /ok 1 - first[\s\S]*ok 2 - second/)
})

test('--watch plays again after each change, until it is interrupted', async () => {
  const interrupted = new AbortController()
  let change = () => {}
  let reports = 0
  const files = {
    list: async () => ['a.scs'],
    read: async () => head('x'),
    watch: (_paths: readonly string[], onChange: () => void) => {
      change = onChange
    },
  }
  const out = {
    write: (text: string) => {
      if (!/passed/.test(text)) return
      reports += 1
      setImmediate(reports === 3 ? () => interrupted.abort() : change)
    },
  }
  const options = readOptions({ watch: true }) as CommandOptions
  const code = await command(['a.scs'], options, { out, err: out, files, signal: interrupted.signal })
  assert.equal(code, 0)
  assert.equal(reports, 3)
})
