// The picture of what a delivery costs: bars by server and scenario, on a logarithmic scale.
import { short } from './bars.ts'
import type { ScenarioResult } from './campaign.ts'

const colorByServer: Readonly<Record<string, string>> = {
  balcony: '#2a7f62',
  prosody: '#7a6fb0',
  ejabberd: '#c9823a',
  relay: '#9aa0a6',
}
const width = 860
const labelWidth = 130
const barHeight = 14
const groupGap = 14
const top = 56
const scaleLeft = labelWidth + 10
const scaleWidth = width - scaleLeft - 70

/** An SVG with the server's CPU time per delivery in every scenario that has such a figure. */
export function pictureOf(scenarios: readonly ScenarioResult[]): string {
  const groups = scenarios.flatMap(({ name, servers }) => {
    const bars = Object.entries(servers).flatMap(([server, { figures }]) => {
      const value = figures.cpu?.median
      return value === undefined || !Number.isFinite(value) || value <= 0 ? [] : [{ server, value }]
    })
    return bars.length === 0 ? [] : [{ name, bars }]
  })
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value))
  const scale = new LogScale(Math.min(1, ...values), Math.max(1000, ...values))
  const parts: string[] = []
  let y = top
  for (const { name, bars } of groups) {
    parts.push(
      text(labelWidth, y + (bars.length * barHeight) / 2 + 4, name, "text-anchor='end' class='name'"),
    )
    for (const { server, value } of bars) {
      parts.push(barOf(scale, { server, value, y }))
      y += barHeight
    }
    y += groupGap
  }
  return frame(y, [...scale.lines(y - groupGap), ...parts, ...legend()])
}

/** Powers of ten side by side. */
class LogScale {
  readonly #first: number
  readonly #last: number

  constructor(least: number, most: number) {
    this.#first = Math.floor(Math.log10(least))
    this.#last = Math.ceil(Math.log10(most))
  }

  x(value: number): number {
    return scaleLeft + ((Math.log10(value) - this.#first) / (this.#last - this.#first)) * scaleWidth
  }

  lines(bottom: number): string[] {
    const powers = Array.from({ length: this.#last - this.#first + 1 }, (_, index) => this.#first + index)
    return powers.flatMap((power) => {
      const x = this.x(10 ** power)
      return [
        `<line x1='${x}' y1='${top - 8}' x2='${x}' y2='${bottom}' class='grid'/>`,
        text(
          x,
          top - 14,
          `${(10 ** power).toLocaleString('en', { maximumFractionDigits: 3 })}`,
          "text-anchor='middle'",
        ),
      ]
    })
  }
}

function barOf(scale: LogScale, bar: { server: string; value: number; y: number }): string {
  const end = scale.x(bar.value)
  const color = colorByServer[bar.server] ?? '#bbb'
  const size = `x='${scaleLeft}' y='${bar.y}' width='${(end - scaleLeft).toFixed(1)}' height='${barHeight - 2}'`
  return `<rect ${size} fill='${color}'/>${text(end + 5, bar.y + barHeight - 4, short(bar.value), '')}`
}

function legend(): string[] {
  return Object.entries(colorByServer).flatMap(([server, color], index) => {
    const x = scaleLeft + 290 + index * 90
    return [`<rect x='${x}' y='10' width='10' height='10' fill='${color}'/>`, text(x + 15, 19, server, '')]
  })
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x='${x.toFixed(1)}' y='${y.toFixed(1)}' ${attributes}>${content}</text>`
}

function frame(height: number, parts: readonly string[]): string {
  const style =
    'text{font:11px system-ui,sans-serif;fill:#333}.name{font-weight:600}.grid{stroke:#ddd}.title{font-size:13px;font-weight:600}'
  return [
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${width} ${height}' width='${width}' height='${height}'>`,
    `<style>${style}</style><rect width='${width}' height='${height}' fill='#fff'/>`,
    text(10, 19, 'Server CPU per delivery (or log-in), µs; less is better', "class='title'"),
    ...parts,
    '</svg>\n',
  ].join('\n')
}
