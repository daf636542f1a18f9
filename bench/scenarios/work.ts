// The figures of everything that is done many times over: what one costs, how many there are, who was busy.
import type { Span } from '../measure.ts'
import type { Metric } from './scenario.ts'

/** The bars of one figure. */
export type Bars = Pick<Metric, 'bar' | 'ejabberdBar' | 'relayMost'>

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
