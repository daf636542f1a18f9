// The benchmark works: real servers are started, loaded and ended, and its accounts see what is wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runScenario } from '../bench/campaign.ts'
import { marker, Scanner, sequencePlaceholder } from '../bench/generator/scanner.ts'
import { Tally } from '../bench/generator/tally.ts'
import { summarize } from '../bench/measure.ts'
import { silentProgress } from '../bench/progress.ts'
import { chat } from '../bench/scenarios/chat.ts'
import { fanOut } from '../bench/scenarios/fan-out.ts'
import { quickScale, type Scenario } from '../bench/scenarios/scenario.ts'
import { relay } from '../bench/servers/relay.ts'

const scale = { ...quickScale, warmUpMs: 20, measureMs: 100 }
const isLinux = process.platform === 'linux'

async function runAgainstRelay(scenario: Scenario) {
  const plan = { scenarios: [scenario], servers: [relay], runs: 1, scale }
  const { servers } = await runScenario(scenario, plan, silentProgress)
  return servers.relay
}

for (const scenario of [chat, fanOut]) {
  test(`the benchmark runs ${scenario.name} against the relay`, { skip: !isLinux }, async () => {
    const result = await runAgainstRelay(scenario)
    assert.deepEqual(result?.failures, [])
    assert.ok((result?.figures.rate?.median ?? 0) > 0)
  })
}

test('a server that does not come up is a failure with what it printed', { skip: !isLinux }, async () => {
  const broken = { ...relay, start: () => Promise.reject(new Error('no port')) }
  const result = await runScenario(
    chat,
    { scenarios: [chat], servers: [broken], runs: 1, scale },
    silentProgress,
  )
  assert.deepEqual(result.servers.relay?.failures, ['no port'])
})

test('a run in which a delivery is lost has failed, whatever its speed', { skip: !isLinux }, async () => {
  const faults = { lost: 1, doubled: 0, outOfOrder: 0 }
  const result = await runAgainstRelay({ ...chat, run: async () => ({ figures: { rate: 1e6 }, faults }) })
  assert.deepEqual(result, { figures: {}, failures: ['1 deliveries lost, 0 doubled, 0 out of order'] })
})

const deliveries: readonly [what: string, sequences: readonly number[], faults: object][] = [
  ['all in order', [0, 1, 2, 3], { lost: 0, doubled: 0, outOfOrder: 0 }],
  ['one lost in the middle', [0, 2, 3], { lost: 1, doubled: 0, outOfOrder: 0 }],
  ['the last one lost', [0, 1, 2], { lost: 1, doubled: 0, outOfOrder: 0 }],
  ['one doubled', [0, 1, 1, 2, 3], { lost: 0, doubled: 1, outOfOrder: 0 }],
  ['one late', [0, 2, 1, 3], { lost: 0, doubled: 0, outOfOrder: 1 }],
  ['one late and doubled', [0, 2, 1, 1, 3], { lost: 0, doubled: 1, outOfOrder: 1 }],
]

for (const [what, sequences, faults] of deliveries) {
  test(`of four stanzas, ${what}, is accounted for`, () => {
    const tally = new Tally()
    for (const sequence of sequences) tally.take(sequence)
    assert.deepEqual(tally.faults(4), faults)
  })
}

test('markers are found however the bytes are cut', () => {
  const stanza = (sequence: string) => `<body>${marker(7).replace(sequencePlaceholder, sequence)} text</body>`
  const bytes = Buffer.from(stanza('00000041') + stanza('00000042'))
  for (let size = 1; size <= bytes.length; size += 1) {
    const found: number[][] = []
    const scanner = new Scanner((sender, sequence) => found.push([sender, sequence]))
    for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size))
    assert.deepEqual(found, [
      [7, 41],
      [7, 42],
    ])
  }
})

test('the median of an even number of runs is between the middle two', () => {
  assert.deepEqual(summarize([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4, runs: [4, 1, 3, 2] })
  assert.equal(summarize([9, 1, 5]).median, 5)
})
