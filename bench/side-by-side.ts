// Two checkouts under the same traffic in turns of 300 ms, so that a busy machine is as busy for one as for the other:
// `node bench/side-by-side.ts FOLDER FOLDER [chat|sm|archived|durable|ping|presence|rooms] [rounds]`. Shows CPU per
// delivery in microseconds.
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { manageStream } from './generator/acks.ts'
import { Generator } from './generator/generator.ts'
import { type Flow, Traffic } from './generator/traffic.ts'
import { openPair } from './scenarios/chat.ts'
import { drain } from './scenarios/deliveries.ts'
import { fillRooms } from './scenarios/fan-out.ts'
import { openPings } from './scenarios/ping.ts'
import { openGroup } from './scenarios/presence.ts'
import { quickScale, type Run } from './scenarios/scenario.ts'
import { pinGenerator } from './servers/process.ts'
import type { RunningServer, ServerKind } from './servers/server.ts'

const pairs = 4
const inFlight = 16
const groups = 4
const groupSize = 11
const smallRooms = { rooms: 50, occupants: 20, talkers: 1 }
const warmUpMs = 3000
const roundMs = 300
const beforeMs = 30

interface Contestant {
  readonly folder: string
  readonly server: RunningServer
  readonly generator: Generator
  readonly traffic: Traffic
  readonly figures: number[]
}

/** Microseconds that all threads of a process have had so far, to the nanosecond, unlike /proc/PID/stat. */
function exactCpu(pid: number): number {
  const times = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    return Number(nanoseconds)
  })
  return times.reduce((sum, time) => sum + time, 0) / 1000
}

async function enlist(folder: string, mode: string): Promise<Contestant> {
  const { balcony }: { balcony: ServerKind } = await import(resolve(folder, 'bench/servers/balcony.ts'))
  const isArchived = mode === 'archived' || mode === 'durable'
  const isManaged = mode === 'sm' || mode === 'durable'
  const accounts = mode === 'rooms' ? smallRooms.rooms * smallRooms.occupants : groups * groupSize
  const needs = { accounts, passwordIterations: 1, isWebSocket: false, isTls: false }
  const server = await balcony.start({ ...needs, isArchived })
  const generator = new Generator(server)
  const run: Run = { server, isRelay: false, scale: quickScale, progress() {} }
  const flows = await openFlows(run, generator, mode)
  if (isManaged)
    for (const { from, to } of flows) for (const client of [from, ...to]) await manageStream(client)
  const traffic = new Traffic(flows.map((flow) => ({ ...flow, isManaged })))
  return { folder, server, generator, traffic, figures: [] }
}

async function openFlows(run: Run, generator: Generator, mode: string): Promise<Flow[]> {
  if (mode === 'ping') return openPings(run, generator)
  const flows: Flow[] = []
  if (mode === 'rooms') return fillRooms(run, generator, smallRooms)
  if (mode === 'presence') {
    for (let first = 0; first < groups * groupSize; first += groupSize)
      flows.push(...(await openGroup(run, generator, { account: first, flow: first, size: groupSize })))
  } else {
    for (let pair = 0; pair < pairs; pair += 1)
      flows.push(await openPair(run, generator, { account: 2 * pair, flow: pair, inFlight }))
  }
  return flows
}

async function turn({ server, generator, traffic }: Contestant, ms: number): Promise<number> {
  traffic.start()
  await sleep(beforeMs)
  const before = { cpu: exactCpu(server.pid), delivered: traffic.delivered }
  await sleep(ms)
  const figure = (exactCpu(server.pid) - before.cpu) / (traffic.delivered - before.delivered)
  traffic.stop()
  await drain(generator, traffic)
  return figure
}

const [one = '.', other = '.', mode = 'chat', rounds = '15'] = process.argv.slice(2)
pinGenerator()
const contestants = [await enlist(one, mode), await enlist(other, mode)]
for (const contestant of contestants) await turn(contestant, warmUpMs)
for (let round = 0; round < Number(rounds); round += 1)
  for (const contestant of contestants) contestant.figures.push(await turn(contestant, roundMs))
for (const { folder, server, traffic, figures } of contestants) {
  const sorted = figures.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2)
  console.log(`${folder}: least ${at(0)}, a quarter below ${at(0.25)}, median ${at(0.5)}`, traffic.faults())
  await server.stop()
}
process.exit(0)
