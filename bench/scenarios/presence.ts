// RFC 6121 §4.4: somebody's presence changes, and all contacts that are online are told.
import { befriend, type Member } from '../generator/contacts.ts'
import { Generator } from '../generator/generator.ts'
import { enterRelayRoom, roomDomain } from '../generator/login.ts'
import { presenceTemplate } from '../generator/stanzas.ts'
import { type Flow, Traffic } from '../generator/traffic.ts'
import { openClient } from './chat.ts'
import { measureDeliveries } from './deliveries.ts'
import type { Run, Scenario } from './scenario.ts'
import { type Bars, workMetrics } from './work.ts'

interface PresenceShape {
  readonly name: string
  /** Of people who are all each other's contacts. */
  readonly groups: number
  readonly contacts: number
  readonly bars?: Bars
  readonly mostRuns?: number
}

function presenceScenario({ name, groups, contacts, bars = {}, mostRuns }: PresenceShape): Scenario {
  const size = contacts + 1
  return {
    name,
    title: () =>
      `changes of presence, ${groups * size} clients, ${contacts} contacts each, one in flight each`,
    forRelay: true,
    sparesEjabberd: true,
    ...(mostRuns && { mostRuns }),
    metrics: () => workMetrics('delivery', 'deliveries', bars),
    accounts: () => groups * size,
    passwordIterations: 1,
    isArchived: false,
    async run(run) {
      using generator = new Generator(run.server)
      const flows: Flow[] = []
      for (let group = 0; group < groups; group += 1) {
        const first = group * size
        flows.push(...(await openGroup(run, generator, { account: first, flow: first, size })))
      }
      return await measureDeliveries(run, generator, new Traffic(flows))
    },
  }
}

/** Where a group begins, the number of its first flow, and how many are in it. */
interface Group {
  readonly account: number
  readonly flow: number
  readonly size: number
}

/** Clients that are all each other's contacts; the presence of each changes as soon as all have seen the last change. */
export async function openGroup(
  run: Run,
  generator: Generator,
  { account, flow, size }: Group,
): Promise<Flow[]> {
  run.progress('logging in')
  const members: Member[] = []
  for (let index = account; index < account + size; index += 1)
    members.push({ connection: await openClient(run, generator, index), account: index })
  run.progress('making contacts')
  // The relay knows no contacts: everybody speaks to a room of them, and hears oneself as in XMPP.
  const circle = run.isRelay ? `circle${account}@${roomDomain}` : undefined
  if (circle === undefined) await befriend(members, generator)
  else for (const { connection } of members) await enterRelayRoom(connection, circle)
  return members.map(({ connection }, index) => ({
    from: connection,
    to: members.filter((other) => other.connection !== connection).map((other) => other.connection),
    template: presenceTemplate(flow + index, circle),
    inFlight: 1,
    mayEcho: true,
  }))
}

/** A few circles of friends. */
export const presence = presenceScenario({ name: 'presence', groups: 4, contacts: 10, bars: { bar: 30 } })
/** Rosters as large as those of people who use nothing else. */
export const presence50 = presenceScenario({ name: 'presence-50', groups: 1, contacts: 50, mostRuns: 1 })
