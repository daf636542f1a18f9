// XEP-0199: questions that the server answers itself.
import { Generator } from '../generator/generator.ts'
import { addressOf } from '../generator/login.ts'
import { pingTemplate } from '../generator/stanzas.ts'
import { type Flow, Traffic } from '../generator/traffic.ts'
import { measureDeliveries } from './deliveries.ts'
import type { Run, Scenario } from './scenario.ts'
import { workMetrics } from './work.ts'

const clients = 4
const inFlight = 16

/** A few clients that ping the server; an answer is a delivery. */
export const ping: Scenario = {
  name: 'ping',
  title: () => `pings answered by the server, ${clients} clients, ${inFlight} in flight each`,
  forRelay: true,
  sparesEjabberd: true,
  metrics: () => workMetrics('delivery', 'deliveries', { bar: 40 }),
  accounts: () => clients,
  passwordIterations: 1,
  isArchived: false,
  async run(run) {
    using generator = new Generator(run.server)
    return await measureDeliveries(run, generator, new Traffic(await openPings(run, generator)))
  },
}

/** Clients that have logged in, each of which pings the server. */
export async function openPings(run: Run, generator: Generator): Promise<Flow[]> {
  const flows: Flow[] = []
  for (let index = 0; index < clients; index += 1) {
    const connection = generator.connect()
    await run.server.logIn(connection, index)
    // The relay answers nothing: it sends back what a client writes to itself.
    const template = run.isRelay ? pingTemplate(index, addressOf(index)) : pingTemplate(index)
    flows.push({ from: connection, to: [connection], template, inFlight })
  }
  return flows
}
