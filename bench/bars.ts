// What Balcony has to reach, and whether it does.
import type { Summary } from './measure.ts'
import type { Metric } from './scenarios/scenario.ts'

/** One bar of a metric. */
export interface Bar {
  /** What is asked, such as `≤ 1/30 of Prosody`. */
  readonly text: string
  /** What was measured in the same terms, such as `1/45`; empty if there is no figure. */
  readonly measured: string
  /** `undefined` if a figure is missing. */
  readonly isMet: boolean | undefined
}

type FigureOf = (server: string) => Summary | undefined

/** All bars of one metric, beside the medians of the servers. */
export function barsOf(metric: Metric, figure: FigureOf): Bar[] {
  const { bar, sqliteBar, ejabberdBar, relayMost, isBelowPeers, most } = metric
  return [
    ...(bar === undefined ? [] : [timesBar(metric, bar, 'Prosody', figure)]),
    ...(sqliteBar === undefined ? [] : [timesBar(metric, sqliteBar, 'Prosody-SQLite', figure)]),
    ...(ejabberdBar === undefined ? [] : [timesBar(metric, ejabberdBar, 'ejabberd', figure)]),
    ...(relayMost === undefined ? [] : [relayBar(relayMost, figure)]),
    ...(most === undefined ? [] : [mostBar(most, figure)]),
    ...(isBelowPeers ? ['Prosody', 'ejabberd'].map((peer) => belowBar(peer, figure)) : []),
  ]
}

function timesBar({ better }: Metric, bar: number, peer: string, figure: FigureOf): Bar {
  const text = better === 'more' ? `≥ ${bar} × ${peer}` : `≤ 1/${bar} of ${peer}`
  const own = figure('balcony')?.median
  const other = figure(peer.toLowerCase())?.median
  if (own === undefined || other === undefined) return { text, measured: '', isMet: undefined }
  const times = better === 'more' ? own / other : other / own
  const measured =
    better === 'more' ? `${short(times)} ×` : times < 1 ? short(1 / times) : `1/${short(times)}`
  return { text, measured, isMet: times >= bar }
}

function relayBar(most: number, figure: FigureOf): Bar {
  const text = `≤ ${most} × the relay`
  const own = figure('balcony')?.median
  const other = figure('relay')?.median
  if (own === undefined || other === undefined) return { text, measured: '', isMet: undefined }
  return { text, measured: `${short(own / other)} ×`, isMet: own <= most * other }
}

function mostBar(most: number, figure: FigureOf): Bar {
  const own = figure('balcony')?.median
  if (own === undefined) return { text: `≤ ${most}`, measured: '', isMet: undefined }
  return { text: `≤ ${most}`, measured: short(own), isMet: own <= most }
}

function belowBar(peer: string, figure: FigureOf): Bar {
  const own = figure('balcony')?.median
  const other = figure(peer.toLowerCase())?.median
  const text = `< ${peer}`
  if (own === undefined || other === undefined) return { text, measured: '', isMet: undefined }
  return {
    text,
    measured: `${short(own)} < ${short(other)}`.replace('<', own < other ? '<' : '≥'),
    isMet: own < other,
  }
}

/** A number in as many digits as tell something. */
export function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** How many times better Balcony's figure is; below 1 it is worse, `undefined` where that has no meaning. */
export function timesBetter(metric: Metric, own: Summary | undefined, other: Summary | undefined) {
  if (!own || !other || metric.better === 'neither') return undefined
  const times = metric.better === 'less' ? other.median / own.median : own.median / other.median
  return Number.isFinite(times) ? times : undefined
}

/** How far the farthest run is from the median, in per cent of it. */
export function spreadOf({ median, min, max }: Summary): number {
  return Math.round((Math.max(max - median, median - min) / Math.abs(median || 1)) * 100)
}
