// XEP-0045: one large room: how long until all are in, what a message to all costs, and how late it comes.
import type { Connection } from '../generator/connection.ts'
import { Generator } from '../generator/generator.ts'
import { roomDomain } from '../generator/login.ts'
import { OpenLoop } from '../generator/open-loop.ts'
import { enterAll } from '../generator/room-entry.ts'
import { someAtOnce } from '../generator/some-at-once.ts'
import { messageTemplate } from '../generator/stanzas.ts'
import { sumFaults } from '../generator/tally.ts'
import { Traffic } from '../generator/traffic.ts'
import { residentKib, startSpan } from '../measure.ts'
import { measureDeliveries } from './deliveries.ts'
import type { Metric, Outcome, Run, Scenario } from './scenario.ts'

const room = `square@${roomDomain}`
const talkers = 16
const loginsAtOnce = 50
const messagesPerSecond = 10

interface RoomsParts {
  readonly occupants: number
  /** Servers that would take longer than anybody waits. */
  readonly isNotFor?: readonly string[]
  /** How many times faster than at Prosody's all must be in. */
  readonly joinBar?: number
  /** Milliseconds within which 99 of 100 deliveries must come. */
  readonly delayBar?: number
  readonly timeoutMs: number
}

function roomsScenario({ occupants, isNotFor = [], joinBar, delayBar, timeoutMs }: RoomsParts): Scenario {
  const sizeOf = ({ roomShare }: { readonly roomShare: number }) => Math.ceil(occupants * roomShare)
  return {
    name: `rooms-${occupants}`,
    title: (scale) =>
      `a room that ${sizeOf(scale)} enter at once; then ${talkers} talk; then ${messagesPerSecond} messages a second`,
    forRelay: false,
    isNotFor,
    timeoutMs,
    metrics: () => roomsMetrics(joinBar, delayBar),
    accounts: sizeOf,
    passwordIterations: 1,
    isArchived: false,
    async run(run) {
      using generator = new Generator(run.server)
      return await measureRoom(run, generator, sizeOf(run.scale))
    },
  }
}

function roomsMetrics(joinBar: number | undefined, delayBar: number | undefined): readonly Metric[] {
  return [
    {
      name: 'join',
      label: 's until all are in and see all',
      better: 'less',
      ...(joinBar && { bar: joinBar }),
    },
    { name: 'joinCpu', label: 'server CPU per presence, µs', better: 'less' },
    { name: 'joinGenerator', label: 'generator while joining, % of a core', better: 'neither' },
    { name: 'memory', label: 'KiB per occupant, beside the session', better: 'less' },
    { name: 'cpu', label: 'server CPU per delivery, µs', better: 'less' },
    { name: 'rate', label: 'deliveries per second', better: 'more' },
    { name: 'generatorShare', label: 'generator, % of a core', better: 'neither' },
    { name: 'delay50', label: 'p50 delay of a message, ms', better: 'less' },
    {
      name: 'delay99',
      label: 'p99 delay of a message, ms',
      better: 'less',
      ...(delayBar && { most: delayBar }),
    },
    { name: 'othersShare', label: 'other processes, % of a core', better: 'neither' },
  ]
}

async function measureRoom(run: Run, generator: Generator, size: number): Promise<Outcome> {
  const { server, scale } = run
  const clients = await logInAll(run, generator, size)
  await generator.pause(Math.min(scale.settleMs, 2000))
  const before = residentKib(server.pid)
  run.progress('entering the room')
  const endSpan = startSpan(server.pid)
  await enterAll(clients, room, generator)
  const entered = endSpan()
  run.progress('settling')
  await generator.pause(Math.min(scale.settleMs, 5000))
  const memory = (residentKib(server.pid) - before) / size
  const busy = await talk(run, generator, clients)
  const { delays, faults } = await speakSteadily(run, generator, clients)
  return {
    figures: {
      ...busy.figures,
      join: entered.seconds,
      joinCpu: entered.serverCpu / (size * size),
      joinGenerator: entered.generatorCpu / entered.seconds / 1e4,
      memory,
      delay50: delays.at(0.5),
      delay99: delays.at(0.99),
    },
    faults: sumFaults([busy.faults, faults]),
  }
}

async function logInAll(run: Run, generator: Generator, size: number): Promise<Connection[]> {
  const clients: Connection[] = []
  await someAtOnce({ end: size, atOnce: loginsAtOnce }, async (account) => {
    if (account % 100 === 0) run.progress(`logging in, ${account} of ${size}`)
    const connection = generator.connect()
    await run.server.logIn(connection, account)
    clients[account] = connection
  })
  return clients
}

/** As many messages as the server can pass on: a closed loop. */
function talk(run: Run, generator: Generator, clients: readonly Connection[]): Promise<Outcome> {
  const flows = clients.slice(0, talkers).map((from, index) => ({
    from,
    to: clients,
    template: messageTemplate('groupchat', room, index),
    inFlight: 1,
  }))
  return measureDeliveries(run, generator, new Traffic(flows))
}

/** Messages at a steady pace, whatever becomes of those before: an open loop. */
async function speakSteadily(run: Run, generator: Generator, clients: readonly Connection[]) {
  run.progress('speaking steadily')
  const loop = new OpenLoop(clients, talkers, (sender) => messageTemplate('groupchat', room, sender))
  await loop.run(generator, messagesPerSecond, run.scale.steadyMs)
  return { delays: loop.delays, faults: loop.faults() }
}

/** Large rooms, from what everybody can bear to what nobody else does in a reasonable time. */
export const rooms: readonly Scenario[] = [
  roomsScenario({ occupants: 200, timeoutMs: 300_000 }),
  roomsScenario({ occupants: 1000, joinBar: 20, delayBar: 50, timeoutMs: 900_000 }),
  roomsScenario({
    occupants: 5000,
    isNotFor: ['prosody', 'prosody-usual', 'ejabberd'],
    timeoutMs: 900_000,
  }),
  roomsScenario({
    occupants: 10_000,
    isNotFor: ['prosody', 'prosody-usual', 'ejabberd'],
    timeoutMs: 900_000,
  }),
]
