// The table on the terminal: medians side by side, ratios, bars, and the change since an earlier result.
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
  const ratios = others.map((name) => timesBetter(metric, balcony, figure(name)))
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
  return `  ${label.padEnd(labelWidth)}${cells.map((cell) => cell.padStart(columnWidth)).join('')}`.trimEnd()
}

/** The median and, where it matters, how far the runs are from it at most, in per cent of it. */
function cell(metric: Metric, summary: Summary | undefined): string {
  if (!summary) return 'failed'
  const { median, min, max, runs } = summary
  if (runs.length === 1 || metric.better === 'neither') return number(median)
  const spread = Math.max(max - median, median - min) / Math.abs(median || 1)
  return `${number(median)} ±${Math.round(spread * 100)}%`
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** How many times better Balcony is; below 1 it is worse. */
function timesBetter(metric: Metric, balcony: Summary | undefined, other: Summary | undefined): string {
  if (!balcony || !other || metric.better === 'neither') return ''
  const times = metric.better === 'less' ? other.median / balcony.median : balcony.median / other.median
  return Number.isFinite(times) ? `${number(times)}×` : ''
}

function reportBars(metric: Metric, figure: (server: string) => Summary | undefined): string {
  const balcony = figure('balcony')
  const bars = [
    barBeside(metric.bar, balcony, figure('prosody')),
    barBeside(metric.ejabberdBar, balcony, figure('ejabberd')),
    absoluteBar(metric.most, balcony),
  ]
  return bars.filter((bar) => bar !== undefined).join(', ')
}

function barBeside(bar: number | undefined, balcony: Summary | undefined, other: Summary | undefined) {
  if (bar === undefined) return undefined
  if (!balcony || !other) return `≤ 1/${bar}`
  return `≤ 1/${bar} ${verdict(balcony.median * bar <= other.median)}`
}

function absoluteBar(most: number | undefined, balcony: Summary | undefined) {
  if (most === undefined) return undefined
  return balcony ? `≤ ${most} ${verdict(balcony.median <= most)}` : `≤ ${most}`
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'missed'
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
