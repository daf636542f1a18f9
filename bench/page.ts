// The page docs/made/bench.md: every bar beside what was measured, then all figures.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { barsOf, short, spreadOf } from './bars.ts'
import type { ScenarioResult } from './campaign.ts'
import type { Summary } from './measure.ts'
import { pictureOf } from './picture.ts'
import { type Results, repository } from './results.ts'
import type { Metric } from './scenarios/scenario.ts'

const folder = join(repository, 'docs', 'made')

/** Writes the page and its picture into docs/made; returns the page's path. */
export async function writePage(results: Results, command: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'bench.svg'), pictureOf(results.scenarios))
  const path = join(folder, 'bench.md')
  await writeFile(path, pageOf(results, command))
  return path
}

/** The page as text; `command` is what was typed. */
export function pageOf(results: Results, command: string): string {
  const { when, commit, processor, versions, runs, scenarios } = results
  return `<!-- Made by “${command}”: measured, so “npm run docs” neither makes nor checks it. -->

# How fast it is

${when.slice(0, 10)}, commit ${commit}, on ${processor}: server on one core, generator on another, loopback. Medians of up to ${runs} runs
of freshly started servers that take turns; ± is the run farthest from the median. [bench/README.md](../../bench/README.md) says what is measured, and how.

Versions: ${Object.values(versions).join(', ')}.

    ${command}

![Server CPU per delivery](bench.svg)

## Bars

| what | figure | bar | measured | |
|-|-|-|-|-|
${scenarios.flatMap(barRows).join('\n')}

## All figures

One scenario again: \`npm run bench -- NAME\`. Every delivery is accounted for: a run with one lost, doubled, out of order or gone
astray has failed, and its figures are not in here.

${scenarios.map(sectionOf).join('\n')}`
}

function barRows(result: ScenarioResult): string[] {
  return result.metrics.flatMap((metric) =>
    barsOf(metric, (server) => result.servers[server]?.figures[metric.name]).map(
      ({ text, measured, isMet }) => {
        const verdict = isMet === undefined ? 'not measured' : isMet ? 'met' : '**missed**'
        return `| ${result.name} | ${metric.label} | ${text} | ${measured} | ${verdict} |`
      },
    ),
  )
}

function sectionOf(result: ScenarioResult): string {
  const servers = Object.keys(result.servers)
  const rows = result.metrics.map((metric) => {
    const cells = servers.map((server) => cellOf(metric, result.servers[server]?.figures[metric.name]))
    return `| ${metric.label} | ${cells.join(' | ')} |`
  })
  const failures = Object.entries(result.servers).flatMap(([server, { failures }]) =>
    failures.map((failure) => `\n${server}, a run that failed: ${failure.split('\n')[0]}\n`),
  )
  return `### ${result.name}

${result.title}

| | ${servers.join(' | ')} |
|-|${servers.map(() => '-:|').join('')}
${rows.join('\n')}
${failures.join('')}`
}

function cellOf({ better }: Metric, summary: Summary | undefined): string {
  if (!summary) return 'failed'
  if (!Number.isFinite(summary.median)) return ''
  if (summary.runs.length === 1 || better === 'neither') return short(summary.median)
  return `${short(summary.median)} ±${spreadOf(summary)} %`
}
