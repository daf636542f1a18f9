// Results as a file, so that later ones can be set beside them.
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ScenarioResult } from './campaign.ts'

/** Everything one command gave. */
export interface Results {
  readonly when: string
  /** The commit that was measured, with a plus sign if the sources had been changed since. */
  readonly commit: string
  readonly node: string
  readonly processor: string
  /** By the name of the server. */
  readonly versions: Readonly<Record<string, string>>
  readonly runs: number
  readonly isQuick: boolean
  readonly isPinned: boolean
  readonly scenarios: readonly ScenarioResult[]
}

/** The folder of the checkout. */
export const repository = fileURLToPath(new URL('..', import.meta.url))
const folder = join(repository, 'bench', 'results')

/** The processor's name and how many of it there are. */
export function describeProcessor(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
}

/** The commit that is checked out, or `unknown` outside of a repository. */
export function describeCommit(): string {
  try {
    const commit = git('rev-parse', '--short', 'HEAD')
    return git('status', '--porcelain', '--', 'src', 'bench') === '' ? commit : `${commit}+`
  } catch {
    return 'unknown'
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}

/** Writes results to `bench/results/`; returns the file's path. */
export async function saveResults(results: Results): Promise<string> {
  const stamp = results.when.slice(0, 16).replaceAll(':', '')
  const path = join(folder, `${stamp}-${results.commit.replace('+', '-changed')}.json`)
  await mkdir(folder, { recursive: true })
  await writeFile(path, `${JSON.stringify(results, undefined, 2)}\n`)
  return path
}

/** Reads what `saveResults` wrote; throws an `Error` that names the file if it is something else. */
export async function readResults(path: string): Promise<Results> {
  const results: unknown = JSON.parse(await readFile(path, 'utf8'))
  const isResults = typeof results === 'object' && results !== null && 'scenarios' in results
  if (!isResults) throw new Error(`${path} holds no results of the benchmark`)
  return results as Results
}
