// Results counted and named.
import type { Result } from '../suite.ts'

/** How many scripts came to what. */
export type Counts = Record<Result['outcome'], number>

/** Counts results by outcome. */
export function count(results: readonly Result[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, broken: 0 }
  for (const result of results) counts[result.outcome] += 1
  return counts
}

/** The file of a result's script. */
export function fileOf(result: Result): string {
  return result.outcome === 'broken' ? result.file : result.script.file
}

/** The script's title, or the name of its file if it has none. */
export function titleOf(result: Result): string {
  return (result.outcome === 'broken' ? '' : result.script.title) || fileOf(result)
}

/** How long playing took, in milliseconds. */
export function durationOf(result: Result): number {
  return 'performance' in result ? result.performance.durationMs : 0
}

/** Milliseconds as seconds. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 2 : 1)
}
