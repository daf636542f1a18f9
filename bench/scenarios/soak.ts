// Whether memory stays flat while all talk as fast as they can and others come and go.
import { Generator } from '../generator/generator.ts'
import { type Flow, Traffic } from '../generator/traffic.ts'
import { residentKib } from '../measure.ts'
import { openClient, openPair } from './chat.ts'
import { drain } from './deliveries.ts'
import type { Run, Scenario } from './scenario.ts'
import { Visitors } from './visitors.ts'

const pairs = 4
const visitors = 20
/** Memory is read first when this share of the time is over, as caches have filled then. */
const firstShare = 0.2

/** Full load for as long as the scale says; every server's memory is read twice meanwhile, and Balcony's heap. */
export const soak: Scenario = {
  name: 'soak',
  title: ({ soakMs }) =>
    `${Math.round(soakMs / 1000)} s of ${pairs} busy conversations while ${visitors} clients log in and out without end`,
  forRelay: false,
  isNotFor: ['prosody', 'prosody-usual', 'ejabberd'],
  mostRuns: 1,
  timeoutMs: 3_600_000,
  metrics: () => [
    { name: 'logins', label: 'log-ins and log-outs', better: 'neither' },
    { name: 'messages', label: 'messages delivered', better: 'neither' },
    { name: 'heapFirst', label: 'MiB of heap after a fifth of the time', better: 'less' },
    { name: 'heapLast', label: 'MiB of heap in the end', better: 'less' },
    { name: 'perLogin', label: 'bytes of heap more per log-in', better: 'less', most: 50 },
    { name: 'rssFirst', label: 'MiB in RAM after a fifth of the time', better: 'less' },
    { name: 'rssLast', label: 'MiB in RAM in the end', better: 'less' },
  ],
  accounts: () => 2 * pairs + visitors,
  passwordIterations: 1,
  isArchived: false,
  async run(run) {
    using generator = new Generator(run.server)
    const flows: Flow[] = []
    for (let flow = 0; flow < pairs; flow += 1)
      flows.push(await openPair(run, generator, { account: 2 * flow, flow, inFlight: 16 }))
    return await load(run, generator, new Traffic(flows))
  },
}

async function load(run: Run, generator: Generator, traffic: Traffic) {
  const { soakMs } = run.scale
  const guests = new Visitors(generator, (account) => openClient(run, generator, account))
  run.progress('under load')
  traffic.start()
  guests.start(2 * pairs, visitors)
  await guests.pause(soakMs * firstShare)
  const first = await memoryOf(run)
  const before = guests.loggedIn
  await guests.pause(soakMs * (1 - firstShare))
  const logins = guests.loggedIn
  const last = await memoryOf(run)
  await guests.stop()
  traffic.stop()
  await drain(generator, traffic)
  return {
    figures: {
      logins,
      messages: traffic.delivered,
      heapFirst: first.heap,
      heapLast: last.heap,
      perLogin: ((last.heap - first.heap) * 1024 * 1024) / (logins - before),
      rssFirst: first.rss,
      rssLast: last.rss,
    },
    faults: traffic.faults(),
  }
}

async function memoryOf({ server }: Run) {
  return { heap: (await server.heapMib?.()) ?? Number.NaN, rss: residentKib(server.pid) / 1024 }
}
