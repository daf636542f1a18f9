// The table on the terminal: medians side by side, ratios, bars, and the change since an earlier result.
import { barsOf, short, spreadOf, timesBetter } from './bars.ts'
import type { ScenarioResult, ServerResult } from './campaign.ts'
import type { Summary } from './measure.ts'
import type { Metric } from './scenarios/scenario.ts'

const labelWidth = 38
const columnWidth = 17

/** The table of one scenario, and what failed in it. */
export function reportScenario(result: ScenarioResult, earlier?: ScenarioResult): string {
  const servers = Object.keys(result.servers)
  const headings = [...servers, ...ratioHeadings(servers), 'bar', ...(earlier ? ['since then'] : [])]
  const lines = [
    `${result.name}: ${result.title}`,
    row('', headings),
    ...result.metrics.map((metric) => reportMetric(result, metric, servers, earlier)),
    ...reportFailures(result),
  ]
  return `${lines.join('\n')}\n`
}

function ratioHeadings(servers: readonly string[]): string[] {
  if (!servers.includes('balcony')) return []
  const others = servers.filter((name) => name !== 'balcony')
  return others.map((name) => `vs ${name}`)
}

function reportMetric(
  result: ScenarioResult,
  metric: Metric,
  servers: readonly string[],
  earlier: ScenarioResult | undefined,
): string {
  const figure = (server: string) => result.servers[server]?.figures[metric.name]
  const balcony = figure('balcony')
  const others = balcony ? servers.filter((name) => name !== 'balcony') : []
  const ratios = others.map((name) => reportTimes(metric, balcony, figure(name)))
  const missing = ratioHeadings(servers).length - ratios.length
  const cells = [
    ...servers.map((name) => cell(metric, figure(name))),
    ...ratios,
    ...Array.from({ length: missing }, () => ''),
    reportBars(metric, figure),
    ...(earlier ? [change(balcony, earlier.servers.balcony, metric)] : []),
  ]
  return row(metric.label, cells)
}

function row(label: string, cells: readonly string[]): string {
  return `  ${label.padEnd(labelWidth)}${cells.map((cell) => `  ${cell}`.padStart(columnWidth)).join('')}`.trimEnd()
}

/** The median and, where it matters, how far the runs are from it at most, in per cent of it. */
function cell(metric: Metric, summary: Summary | undefined): string {
  if (!summary) return 'failed'
  const { median, runs } = summary
  if (runs.length === 1 || metric.better === 'neither') return short(median)
  return `${short(median)} ±${spreadOf(summary)}%`
}

function reportTimes(metric: Metric, balcony: Summary | undefined, other: Summary | undefined): string {
  const times = timesBetter(metric, balcony, other)
  return times === undefined ? '' : `${short(times)}×`
}

function reportBars(metric: Metric, figure: (server: string) => Summary | undefined): string {
  return barsOf(metric, figure)
    .map(({ text, isMet }) => (isMet === undefined ? text : `${text} ${isMet ? 'met' : 'missed'}`))
    .join(', ')
}

function change(now: Summary | undefined, earlier: ServerResult | undefined, metric: Metric): string {
  const then = earlier?.figures[metric.name]
  if (!now || !then || then.median === 0) return ''
  const percent = Math.round((now.median / then.median - 1) * 100)
  return `${percent > 0 ? '+' : ''}${percent}%`
}

function reportFailures({ servers }: ScenarioResult): string[] {
  return Object.entries(servers).flatMap(([name, { failures }]) =>
    failures.map((failure) => `  FAILED, ${name}: ${failure}`),
  )
}
