// The figures of everything that is done many times over: what one costs, how many there are, who was busy.
import { type Span, startSpan } from '../measure.ts'
import type { Metric, Run } from './scenario.ts'

/** The bars of one figure. */
export type Bars = Pick<Metric, 'bar' | 'sqliteBar' | 'ejabberdBar' | 'relayMost'>

/** The metrics of `workFigures`; `one` and `many` name what is done, `bars` are those of the server's CPU time. */
export function workMetrics(
  one: string,
  many: string,
  bars: Bars = {},
  rateBars: Bars = {},
): readonly Metric[] {
  return [
    { name: 'cpu', label: `server CPU per ${one}, µs`, better: 'less', ...bars },
    { name: 'rate', label: `${many} per second`, better: 'more', ...rateBars },
    { name: 'serverShare', label: 'server, % of a core', better: 'neither' },
    { name: 'generatorShare', label: 'generator, % of a core', better: 'neither' },
    { name: 'othersShare', label: 'other processes, % of a core', better: 'neither' },
  ]
}

/** Work that goes on by itself: how much has been done so far, and waiting while it goes on. */
export interface Work {
  count(): number
  /** Rejects when something has gone wrong meanwhile. */
  pause(ms: number): Promise<void>
}

/** Warms up, and then measures for the time that the scale says. */
export async function measureWork(run: Run, { count, pause }: Work): Promise<Record<string, number>> {
  run.progress('warming up')
  await pause(run.scale.warmUpMs)
  run.progress('measuring')
  const before = count()
  const endSpan = startSpan(run.server.pid)
  await pause(run.scale.measureMs)
  const done = count() - before
  return workFigures(done, endSpan())
}

/**
 * What it comes to when something was done `count` times.
 * @throws Error if it was never done: there is no figure for that
 */
export function workFigures(count: number, span: Span): Record<string, number> {
  if (count === 0) throw new Error('nothing was done while it was measured')
  const share = (microseconds: number) => microseconds / span.seconds / 1e4
  return {
    cpu: span.serverCpu / count,
    rate: count / span.seconds,
    serverShare: share(span.serverCpu),
    generatorShare: share(span.generatorCpu),
    othersShare: share(span.othersCpu),
  }
}
