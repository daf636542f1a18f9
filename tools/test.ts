// `npm test`: types, layers, lint and made documents, then every test. With paths as arguments: only the tests there.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const root = dirname(import.meta.dirname)
process.chdir(root)

/** A check that has failed, by name. */
const failures: string[] = []
const wanted = process.argv.slice(2)

if (wanted.length === 0) {
  const command = (name: string) => join(root, 'node_modules', '.bin', name)
  check('types', command('tsc'), '-p', 'tsconfig.json')
  check('layers', process.execPath, 'tools/layers.ts')
  check('lint', command('biome'), 'check', '--error-on-warnings')
  if (existsSync('tools/docs.ts')) check('made documents', process.execPath, 'tools/docs.ts', '--check')
}
await runTests(testFiles())

for (const failure of failures) console.error(`failed: ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

function check(name: string, command: string, ...parameters: string[]): void {
  const start = performance.now()
  const { status } = spawnSync(command, parameters, { stdio: 'inherit' })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.error(`${status === 0 ? '✔' : '✖'} ${name} (${seconds} s)`)
  if (status !== 0) failures.push(name)
}

function testFiles(): string[] {
  const patterns = wanted.length === 0 ? ['src', 'test', 'tools', 'examples'] : wanted
  return patterns
    .flatMap((path) => (path.endsWith('.ts') ? globSync(path) : globSync(`${path}/**/*.test.ts`)))
    .sort()
}

async function runTests(files: string[]): Promise<void> {
  if (files.length === 0) {
    failures.push('there are no such tests')
    return
  }
  const skipped: string[] = []
  const secondsByFile = new Map<string, number>()
  const tests = run({ files, concurrency: Math.max(2, availableParallelism()), timeout: 600_000 })
  tests.on('test:fail', ({ todo }) => {
    if (todo === undefined) process.exitCode = 1
  })
  tests.on('test:pass', ({ name, file, skip }) => {
    if (skip !== undefined) skipped.push(`${name} (${file ?? ''})`)
  })
  tests.on('test:summary', ({ file, success, duration_ms }) => {
    if (file !== undefined) secondsByFile.set(relative(root, file), duration_ms / 1000)
    else if (!success) failures.push('tests')
  })
  for await (const chunk of tests.compose(spec)) process.stdout.write(chunk)
  if (wanted.length === 0) tellSlowest(secondsByFile)
  // In CI nothing may be left out for want of something on the machine.
  if (process.env.CI === 'true') for (const name of skipped) failures.push(`skipped in CI: ${name}`)
}

/** Says where the time goes: the next file to be made faster is among these. */
function tellSlowest(secondsByFile: ReadonlyMap<string, number>): void {
  const slowest = [...secondsByFile].sort(([, one], [, other]) => other - one).slice(0, 20)
  console.error(`slowest of ${secondsByFile.size} files:`)
  for (const [file, seconds] of slowest) console.error(`  ${seconds.toFixed(1).padStart(6)} s  ${file}`)
}
