// What a server does all day, at once: conversations, rooms, presence, pings.
import { Generator } from '../generator/generator.ts'
import { pingTemplate } from '../generator/stanzas.ts'
import { type Flow, Traffic } from '../generator/traffic.ts'
import { openClient, openPair } from './chat.ts'
import { measureDeliveries } from './deliveries.ts'
import { fillRoom } from './fan-out.ts'
import { openGroup } from './presence.ts'
import type { Run, Scenario } from './scenario.ts'
import { workMetrics } from './work.ts'

const pairs = 8
const rooms = 2
const occupants = 20
const groupSize = 11
const pingers = 2

/** Everything at once, each with one stanza in flight. */
export const mixed: Scenario = {
  name: 'mixed',
  title: () =>
    `${pairs} conversations, ${rooms} rooms of ${occupants}, ${groupSize} contacts whose presence changes, ${pingers} that ping; one in flight each`,
  forRelay: false,
  mostRuns: 2,
  sparesEjabberd: true,
  metrics: () => workMetrics('delivery', 'deliveries'),
  accounts: () => 2 * pairs + rooms * occupants + groupSize + pingers,
  passwordIterations: 1,
  isArchived: false,
  async run(run) {
    using generator = new Generator(run.server)
    return await measureDeliveries(run, generator, new Traffic(await openAll(run, generator)))
  },
}

async function openAll(run: Run, generator: Generator): Promise<Flow[]> {
  const flows: Flow[] = []
  let account = 0
  for (; account < 2 * pairs; account += 2)
    flows.push(await openPair(run, generator, { account, flow: flows.length, inFlight: 1 }))
  for (let room = 0; room < rooms; room += 1) {
    const parts = { account, flow: flows.length, occupants, talkers: 1 }
    flows.push(...(await fillRoom(run, generator, `square${room}`, parts)))
    account += occupants
  }
  flows.push(...(await openGroup(run, generator, { account, flow: flows.length, size: groupSize })))
  account += groupSize
  for (let index = 0; index < pingers; index += 1) {
    const from = await openClient(run, generator, account + index)
    flows.push({ from, to: [from], template: pingTemplate(flows.length), inFlight: 1 })
  }
  return flows
}
