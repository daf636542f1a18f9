// The benchmark works: real servers are started, loaded and ended, and its accounts see what is wrong.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { runScenario, type ScenarioResult } from '../bench/campaign.ts'
import { readCommand } from '../bench/command-line.ts'
import { logInToRelay } from '../bench/generator/login.ts'
import { marker, Scanner, sequencePlaceholder } from '../bench/generator/scanner.ts'
import { noFaults, Tally } from '../bench/generator/tally.ts'
import { summarize } from '../bench/measure.ts'
import { silentProgress } from '../bench/progress.ts'
import { reportScenario } from '../bench/report.ts'
import { chat } from '../bench/scenarios/chat.ts'
import { fanOut } from '../bench/scenarios/fan-out.ts'
import { ping } from '../bench/scenarios/ping.ts'
import { presence } from '../bench/scenarios/presence.ts'
import { quickScale, type Scenario } from '../bench/scenarios/scenario.ts'
import { relay } from '../bench/servers/relay.ts'

const scale = { ...quickScale, warmUpMs: 20, measureMs: 300 }
const isLinux = process.platform === 'linux'

async function runAgainstRelay(scenario: Scenario) {
  const plan = { scenarios: [scenario], servers: [relay], runs: 1, scale }
  const { servers } = await runScenario(scenario, plan, silentProgress)
  return servers.relay
}

for (const scenario of [chat, fanOut, ping, presence]) {
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

test('a server that sends messages to the wrong people fails', { skip: !isLinux }, async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.on('data', (bytes) => {
      if (bytes.includes('<hello')) socket.write('<hello/>')
      else for (const each of sockets) each.write(bytes)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.close()
  }
  const start = async () => ({
    pid: process.pid,
    port,
    isTls: false,
    startedAt: 0,
    logIn: logInToRelay,
    stop,
  })
  const plan = { scenarios: [chat], servers: [{ ...relay, start }], runs: 1, scale }
  const { servers } = await runScenario(chat, plan, silentProgress)
  assert.match(servers.relay?.failures[0] ?? '', /0 lost, 0 doubled, 0 out of order, [1-9]\d* astray/)
})

test('a run in which a delivery is lost has failed, whatever its speed', { skip: !isLinux }, async () => {
  const faults = { ...noFaults, lost: 1 }
  const result = await runAgainstRelay({ ...chat, run: async () => ({ figures: { rate: 1e6 }, faults }) })
  assert.deepEqual(result, {
    figures: {},
    failures: ['deliveries: 1 lost, 0 doubled, 0 out of order, 0 astray'],
  })
})

const deliveries: readonly [what: string, sequences: readonly number[], faults: object][] = [
  ['all in order', [0, 1, 2, 3], {}],
  ['one lost in the middle', [0, 2, 3], { lost: 1 }],
  ['the last one lost', [0, 1, 2], { lost: 1 }],
  ['one doubled', [0, 1, 1, 2, 3], { doubled: 1 }],
  ['one late', [0, 2, 1, 3], { outOfOrder: 1 }],
  ['one late and doubled', [0, 2, 1, 1, 3], { doubled: 1, outOfOrder: 1 }],
]

for (const [what, sequences, faults] of deliveries) {
  test(`of four stanzas, ${what}, is accounted for`, () => {
    const tally = new Tally()
    for (const sequence of sequences) tally.take(sequence)
    assert.deepEqual(tally.faults(4), { ...noFaults, ...faults })
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

function resultWith(balcony: number, prosody: number): ScenarioResult {
  const server = (cpu: number) => ({ figures: { cpu: summarize([cpu]) }, failures: [] })
  const metrics = [{ name: 'cpu', label: 'CPU', better: 'less', bar: 10 }] as const
  return { name: 'chat', title: '', metrics, servers: { balcony: server(balcony), prosody: server(prosody) } }
}

test('the table says how many times better Balcony is, whether the bar is met and what has changed', () => {
  const met = reportScenario(resultWith(10, 250), resultWith(8, 240))
  assert.match(met, /CPU +10\.0 +250 +25\.0× +≤ 1\/10 of Prosody met +\+25%/)
  assert.match(reportScenario(resultWith(50, 250)), /5\.00× +≤ 1\/10 of Prosody missed/)
})

test('a failed run is shown under the table', () => {
  const servers = { balcony: { figures: {}, failures: ['one lost'] } }
  const report = reportScenario({ ...resultWith(1, 1), servers })
  assert.match(report, /CPU +failed[\s\S]*FAILED, balcony: one lost/)
})

test('the command takes scenarios and servers by name and says what there is', () => {
  const command = readCommand(['fan-out', '--servers', 'relay,balcony', '--runs', '3'])
  assert.deepEqual(command.scenarios, [fanOut])
  assert.deepEqual(
    command.servers.map(({ name }) => name),
    ['balcony', 'relay'],
  )
  assert.equal(command.runs, 3)
  assert.throws(() => readCommand(['chats']), /no scenario is called chats; there are start, login/)
  assert.throws(() => readCommand(['--servers', 'openfire']), /no server is called openfire/)
  assert.throws(() => readCommand(['--runs', '0']), /--runs takes a whole number from 1/)
})
