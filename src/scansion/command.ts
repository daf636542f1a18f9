// `balcony scansion`: everything but the process itself, which the command line lends.
import type { CommandOptions } from './options.ts'
import { holdingClock } from './pause.ts'
import { count } from './report/counts.ts'
import { colours, noPaint } from './report/paint.ts'
import { reporters } from './report/report.ts'
import type { Sink } from './report/sink.ts'
import { playSuite, type Result, type Source, type Stage } from './suite.ts'

/** The files there are. */
export interface Files {
  /**
   * The scripts a path names: itself if it is a file, else the `.scs` files in that folder and below, sorted.
   * @throws Error if there is no such path
   */
  list(path: string): Promise<readonly string[]>
  /**
   * The text of a file.
   * @throws Error if it cannot be read
   */
  read(file: string): Promise<string>
  /** Calls `onChange` with every change of a `.scs` file at or below the paths, until `signal` aborts. */
  watch?(paths: readonly string[], onChange: () => void, signal: AbortSignal): void
}

/** What the command is lent. */
export interface CommandParts {
  /** Gets the report. */
  readonly out: Sink
  /** Gets complaints about paths. */
  readonly err: Sink
  readonly files: Files
  /** Makes the servers of `--serve`. */
  readonly stage?: Stage
  /** Whether the report is coloured; if unsaid, where `out` is a terminal. */
  readonly colour?: boolean
  /** Ends `--watch`. */
  readonly signal?: AbortSignal
}

/** Every script passed, or was left out by its tags. */
const allPassed = 0
/** At least one script failed. */
const someFailed = 1
/** Nothing can be said of at least one script: it cannot be read, or there is none. */
const cannotTell = 2

/** Plays the scripts at `paths`; returns the exit code: 0 all passed, 1 some failed, 2 something could not be played. */
export async function command(
  paths: readonly string[],
  options: CommandOptions,
  parts: CommandParts,
): Promise<number> {
  if (options.serve && !parts.stage) {
    parts.err.write('scansion: there is no server to play against here\n')
    return cannotTell
  }
  const { files, signal } = parts
  if (!options.watch || !files.watch || !signal) return playOnce(paths, options, parts)
  let changed = Promise.withResolvers<void>()
  files.watch(paths, () => changed.resolve(), signal)
  signal.addEventListener('abort', () => changed.resolve())
  for (;;) {
    const code = await playOnce(paths, options, parts)
    if (!signal.aborted) await changed.promise
    if (signal.aborted) return code
    changed = Promise.withResolvers()
  }
}

async function playOnce(
  paths: readonly string[],
  options: CommandOptions,
  parts: CommandParts,
): Promise<number> {
  const sources = await readSources(paths, parts)
  if (!sources) return cannotTell
  const paint = (parts.colour ?? parts.out.isTTY ?? false) ? colours : noPaint
  const audience = reporters[options.reporter](parts.out, paint)
  const { jobs, onlyTags, skipTags, serve } = options
  const stage = serve && parts.stage ? { stage: parts.stage } : {}
  const play = { ...options, clock: holdingClock }
  return exitCode(await playSuite(sources, { play, jobs, onlyTags, skipTags, ...stage }, audience))
}

function exitCode(results: readonly Result[]): number {
  const { broken, failed } = count(results)
  if (broken > 0) return cannotTell
  return failed > 0 ? someFailed : allPassed
}

async function readSources(
  paths: readonly string[],
  { files, err }: CommandParts,
): Promise<Source[] | undefined> {
  const sources: Source[] = []
  let isComplete = true
  for (const path of paths) {
    try {
      const found = await files.list(path)
      if (found.length === 0) throw new Error('no .scs files there')
      for (const file of found) sources.push({ file, text: await files.read(file) })
    } catch (error) {
      isComplete = false
      err.write(`scansion: ${path}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  if (paths.length === 0) err.write('scansion: expected a script or a folder of scripts\n')
  return isComplete && paths.length > 0 ? sources : undefined
}
