// What the benchmark makes of its figures: bars, the page and its picture; and how it reads acknowledgements.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barsOf } from '../bench/bars.ts'
import type { ScenarioResult } from '../bench/campaign.ts'
import { flameGraph } from '../bench/flame-graph.ts'
import { AckReader } from '../bench/generator/acks.ts'
import { summarize } from '../bench/measure.ts'
import { describePart, measurePart } from '../bench/micro/micro.ts'
import { parts } from '../bench/micro/parts.ts'
import { pageOf } from '../bench/page.ts'
import { pictureOf } from '../bench/picture.ts'
import type { Results } from '../bench/results.ts'
import type { Metric } from '../bench/scenarios/scenario.ts'

type Verdicts = readonly (readonly [text: string, measured: string, isMet: boolean | undefined])[]

const cases: readonly [what: string, metric: Partial<Metric>, figures: object, verdicts: Verdicts][] = [
  [
    'a share of Prosody that is reached',
    { bar: 30 },
    { balcony: 2, prosody: 60 },
    [['≤ 1/30 of Prosody', '1/30.0', true]],
  ],
  [
    'a share of Prosody that is missed',
    { bar: 30 },
    { balcony: 4, prosody: 60 },
    [['≤ 1/30 of Prosody', '1/15.0', false]],
  ],
  [
    'times as many as Prosody',
    { bar: 5, better: 'more' },
    { balcony: 40, prosody: 10 },
    [['≥ 5 × Prosody', '4.00 ×', false]],
  ],
  [
    'a share of Prosody with SQLite',
    { bar: 40, sqliteBar: 40 },
    { balcony: 40, prosody: 500, 'prosody-sqlite': 1700 },
    [
      ['≤ 1/40 of Prosody', '1/12.5', false],
      ['≤ 1/40 of Prosody-SQLite', '1/42.5', true],
    ],
  ],
  [
    'a share of ejabberd, not measured',
    { ejabberdBar: 20 },
    { balcony: 4 },
    [['≤ 1/20 of ejabberd', '', undefined]],
  ],
  ['times the relay', { relayMost: 2 }, { balcony: 3, relay: 2 }, [['≤ 2 × the relay', '1.50 ×', true]]],
  ['a figure by itself', { most: 2 }, { balcony: 3 }, [['≤ 2', '3.00', false]]],
  [
    'below both peers',
    { isBelowPeers: true },
    { balcony: 3, prosody: 70, ejabberd: 2 },
    [
      ['< Prosody', '3.00 < 70.0', true],
      ['< ejabberd', '3.00 ≥ 2.00', false],
    ],
  ],
]

for (const [what, metric, figures, verdicts] of cases) {
  test(`a bar says whether it is met: ${what}`, () => {
    const medians = new Map(Object.entries(figures))
    const bars = barsOf({ name: 'cpu', label: 'CPU', better: 'less', ...metric }, (server) => {
      const median = medians.get(server)
      return median === undefined ? undefined : summarize([median])
    })
    assert.deepEqual(
      bars.map(({ text, measured, isMet }) => [text, measured, isMet]),
      verdicts,
    )
  })
}

function chatOf(balcony: number, prosody: number): ScenarioResult {
  const server = (cpu: number) => ({ figures: { cpu: summarize([cpu, cpu]) }, failures: [] })
  const metrics = [{ name: 'cpu', label: 'CPU, µs', better: 'less', bar: 30 }] as const
  return {
    name: 'chat',
    title: 'messages',
    metrics,
    servers: { balcony: server(balcony), prosody: server(prosody) },
  }
}

test('the page has every bar beside what was measured, the machine, the versions, the date and the command', () => {
  const results: Results = {
    when: '2026-01-02T03:04:05Z',
    commit: 'abc1234',
    node: 'v26',
    processor: '2 × Zilog',
    versions: { balcony: 'Balcony abc1234', prosody: 'Prosody 0.12' },
    runs: 5,
    isQuick: false,
    isPinned: true,
    scenarios: [chatOf(2, 100)],
  }
  const page = pageOf(results, 'npm run bench -- --write')
  assert.ok(page.includes('| chat | CPU, µs | ≤ 1/30 of Prosody | 1/50.0 | met |'))
  assert.ok(page.includes('| CPU, µs | 2.00 ±0 % | 100 ±0 % |'))
  for (const fact of ['2026-01-02', 'abc1234', '2 × Zilog', 'Prosody 0.12', '    npm run bench -- --write'])
    assert.ok(page.includes(fact), fact)
})

test('the picture has a bar for each server, in the order of magnitudes', () => {
  const widths = [...pictureOf([chatOf(1, 1000)]).matchAll(/<rect x='140'[^>]* width='([\d.]+)'/g)].map(
    ([, width]) => Number(width),
  )
  assert.equal(widths.length, 2)
  assert.ok((widths[0] as number) < (widths[1] as number) / 10)
})

test('a flame graph shows who called whom for how long, and leaves out idle time and the beginning', () => {
  const node = (id: number, functionName: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url: functionName.startsWith('(') ? '' : 'file:///src/a.ts' },
    children,
  })
  const nodes = [node(1, '(root)', [2, 4]), node(2, 'outer', [3]), node(3, 'inner'), node(4, '(idle)')]
  const profile = { nodes, samples: [2, 2, 3, 4], timeDeltas: [5_000, 3_000, 1_000, 9_000] }
  const titles = [...flameGraph(profile, 0.006).matchAll(/<title>([^<]+)<\/title>/g)].map(
    ([, title]) => title,
  )
  assert.deepEqual(titles, ['all, 4.0 ms', 'outer a.ts, 4.0 ms', 'inner a.ts, 1.0 ms'])
})

test('XEP-0198 §4: requests and answers are found however the bytes are cut', () => {
  const bytes = Buffer.from(
    "<message id='a'><body>r a</body></message><r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='17'/>",
  )
  for (let size = 1; size <= bytes.length; size += 1) {
    const seen: string[] = []
    const reader = new AckReader({
      onRequest: () => seen.push('r'),
      onAck: (count) => seen.push(`a${count}`),
    })
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
    assert.deepEqual(seen, ['r', 'a17'], `${size} bytes at a time`)
  }
})

for (const part of parts) {
  test(`the micro-bench of ${part.name} does what it counts`, async (t) => {
    const micros = await measurePart(part, { warmUpMs: 10, rounds: 3, roundMs: 10 })
    assert.ok(micros > 0 && micros < 1000, `${micros} µs`)
    t.diagnostic(describePart(part, micros))
  })
}
