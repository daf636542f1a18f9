// Many scripts: which are played, how many at once, and what came of each.
import type { Clock } from '../base/clock.ts'
import { parseScript } from './parse.ts'
import { type Performance, type PlayOptions, playScript } from './runner.ts'
import type { Script, ScriptFault, Tag } from './script.ts'

/** A server made for one script. */
export interface StageServer {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/** Makes a fresh server for a script, with the accounts of its characters. */
export type Stage = (script: Script) => Promise<StageServer>

/** A script's text by the name of its file. */
export interface Source {
  readonly file: string
  readonly text: string
}

/** What came of one script. */
export type Result =
  | { readonly outcome: 'passed' | 'failed'; readonly script: Script; readonly performance: Performance }
  | { readonly outcome: 'skipped'; readonly script: Script }
  | { readonly outcome: 'broken'; readonly file: string; readonly faults: readonly ScriptFault[] }

/** What is told while scripts are played. */
export interface Audience {
  /** Before the first script; `count` is the number of scripts. */
  begin(count: number): void
  /** A script is about to be played. */
  started(script: Script): void
  /** A script has been played, skipped or found not to be readable; in no fixed order when several play at once. */
  finished(result: Result): void
  /** After the last script: all results in the order in which the scripts were given. */
  end(results: readonly Result[], durationMs: number): void
}

/** How scripts are chosen and played. */
export interface SuiteOptions {
  readonly play: PlayOptions
  /** A server for each script; without it they are played against the one at the host and port of `play`. */
  readonly stage?: Stage
  /** How many scripts are played at once. */
  readonly jobs: number
  /** Only scripts with one of these tags (`slow`, or `status: stable`); all if empty. */
  readonly onlyTags: readonly string[]
  /** No scripts with one of these tags. */
  readonly skipTags: readonly string[]
}

/** Plays all scripts; the results are in the order of `sources`. */
export async function playSuite(
  sources: readonly Source[],
  options: SuiteOptions,
  audience: Audience,
): Promise<readonly Result[]> {
  const { clock } = options.play
  const start = clock.now()
  const results: Result[] = []
  audience.begin(sources.length)
  let next = 0
  const work = async () => {
    for (let index = next++; index < sources.length; index = next++) {
      const result = await playSource(sources[index] as Source, options, audience)
      results[index] = result
      audience.finished(result)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, work))
  audience.end(results, clock.now() - start)
  return results
}

async function playSource(source: Source, options: SuiteOptions, audience: Audience): Promise<Result> {
  const script = parseScript(source.text, source.file)
  if (Array.isArray(script)) return { outcome: 'broken', file: source.file, faults: script }
  if (!isWanted(script.tags, options)) return { outcome: 'skipped', script }
  audience.started(script)
  const performance = options.stage
    ? await playOnStage(script, options.play, options.stage)
    : await playScript(script, options.play)
  return { outcome: performance.failure ? 'failed' : 'passed', script, performance }
}

async function playOnStage(script: Script, play: PlayOptions, stage: Stage): Promise<Performance> {
  const start = play.clock.now()
  let server: StageServer
  try {
    server = await stage(script)
  } catch (error) {
    return stageFailure(script, play.clock, start, 'no server could be started', error)
  }
  const performance = await playScript(script, { ...play, host: server.host, port: server.port })
  try {
    await server.close()
    return performance
  } catch (error) {
    return stageFailure(script, play.clock, start, 'the server could not be stopped', error)
  }
}

function stageFailure(
  script: Script,
  clock: Clock,
  start: number,
  what: string,
  error: unknown,
): Performance {
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`
  return {
    steps: 0,
    durationMs: clock.now() - start,
    notes: script.notes,
    failure: { step: 0, line: 1, message, unmatched: [], exchanges: new Map() },
  }
}

/** Whether a script with these tags is to be played. */
export function isWanted(
  tags: readonly Tag[],
  options: Pick<SuiteOptions, 'onlyTags' | 'skipTags'>,
): boolean {
  const has = (wanted: string) => tags.some((tag) => matchesTag(tag, wanted))
  if (options.skipTags.some(has)) return false
  return options.onlyTags.length === 0 || options.onlyTags.some(has)
}

function matchesTag(tag: Tag, wanted: string): boolean {
  const colon = wanted.indexOf(':')
  if (colon < 0) return tag.name === wanted.trim()
  return tag.name === wanted.slice(0, colon).trim() && tag.value === wanted.slice(colon + 1).trim()
}
