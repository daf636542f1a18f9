// XEP-0045: everything said in a room goes to all who are in it.
import { manageStream } from '../generator/acks.ts'
import type { Connection } from '../generator/connection.ts'
import { Generator } from '../generator/generator.ts'
import { enterRelayRoom, roomDomain } from '../generator/login.ts'
import { someAtOnce } from '../generator/some-at-once.ts'
import { messageTemplate } from '../generator/stanzas.ts'
import { type Flow, Traffic } from '../generator/traffic.ts'
import { measureDeliveries } from './deliveries.ts'
import type { Run, Scale, Scenario } from './scenario.ts'
import { type Bars, workMetrics } from './work.ts'

const mucNamespace = 'http://jabber.org/protocol/muc'
const selfPresence = /code=["']110["']/
const roomsAtOnce = 10

interface FanOutShape {
  readonly name: string
  readonly rooms: number
  readonly occupants: (scale: Scale) => number
  /** Of each room. */
  readonly talkers: number
  readonly bars?: Bars
  readonly isNotFor?: readonly string[]
  readonly mostRuns?: number
  readonly sparesEjabberd?: boolean
  /** Whether accounts have archives (XEP-0313), and clients stream management (XEP-0198). */
  readonly isDurable?: boolean
}

function fanOutScenario(shape: FanOutShape): Scenario {
  const {
    name,
    rooms,
    occupants,
    talkers,
    bars = {},
    isNotFor = [],
    mostRuns,
    sparesEjabberd = false,
    isDurable = false,
  } = shape
  return {
    name,
    title: (scale) =>
      rooms === 1
        ? `a room of ${occupants(scale)}, ${talkers} talk, each with one message in flight${isDurable ? ', acknowledged (XEP-0198)' : ''}`
        : `${rooms} rooms of ${occupants(scale)}, one talks in each, with one message in flight`,
    forRelay: !isDurable,
    isNotFor,
    sparesEjabberd,
    ...(mostRuns && { mostRuns }),
    metrics: () => workMetrics('delivery', 'deliveries', bars),
    accounts: (scale) => rooms * occupants(scale),
    passwordIterations: 1,
    isArchived: isDurable,
    async run(run) {
      using generator = new Generator(run.server)
      const size = occupants(run.scale)
      const filled = await fillRooms(run, generator, { rooms, occupants: size, talkers })
      if (isDurable) for (const client of new Set(filled.flatMap(({ to }) => to))) await manageStream(client)
      const flows = filled.map((flow) => ({ ...flow, isManaged: isDurable }))
      return await measureDeliveries(run, generator, new Traffic(flows))
    },
  }
}

/** How many rooms, how many in each, and how many of these talk. */
export interface Size {
  readonly rooms: number
  readonly occupants: number
  readonly talkers: number
}

/** Rooms full of clients. */
export async function fillRooms(run: Run, generator: Generator, size: Size): Promise<Flow[]> {
  const flowsByRoom: Flow[][] = []
  const { rooms, occupants, talkers } = size
  await someAtOnce({ end: rooms, atOnce: roomsAtOnce }, async (room) => {
    const first = { account: room * occupants, flow: room * talkers }
    flowsByRoom[room] = await fillRoom(run, generator, `square${room}`, { ...first, occupants, talkers })
  })
  return flowsByRoom.flat()
}

/** Where a room begins: the first account in it, and the number of its first flow. */
interface RoomParts {
  readonly account: number
  readonly flow: number
  readonly occupants: number
  readonly talkers: number
}

/** Clients in a room, some of which talk. */
export async function fillRoom(
  run: Run,
  generator: Generator,
  name: string,
  { account, flow, occupants, talkers }: RoomParts,
): Promise<Flow[]> {
  const room = `${name}@${roomDomain}`
  const clients: Connection[] = []
  for (let index = 0; index < occupants; index += 1) {
    run.progress(`entering rooms, ${index + 1} of ${occupants}`)
    const connection = generator.connect()
    await run.server.logIn(connection, account + index)
    if (run.isRelay) await enterRelayRoom(connection, room)
    else await enter(connection, room, index)
    clients.push(connection)
  }
  return clients.slice(0, talkers).map((from, index) => ({
    from,
    to: clients,
    template: messageTemplate('groupchat', room, flow + index),
    inFlight: 1,
  }))
}

async function enter(connection: Connection, room: string, index: number): Promise<void> {
  const presence = `<presence to='${room}/nick${index}'><x xmlns='${mucNamespace}'><history maxstanzas='0'/></x></presence>`
  await connection.ask(presence, selfPresence)
  // XEP-0045 §10.1.2: an empty form makes an instant room.
  const unlock = `<iq to='${room}' type='set' id='unlock'><query xmlns='${mucNamespace}#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`
  if (index === 0) await connection.ask(unlock, /<iq[^>]*type=["']result["']/)
}

/** A full room in which a few talk at once, each waiting until all have got the last word. */
export const fanOut = fanOutScenario({
  name: 'fan-out',
  rooms: 1,
  occupants: (scale) => scale.occupants,
  talkers: 16,
  bars: { bar: 120, ejabberdBar: 30, relayMost: 2 },
})
/** The same room, where all acknowledge what they get, and are told when what they say has been dealt with. */
export const fanOutDurable = fanOutScenario({
  name: 'fan-out-durable',
  rooms: 1,
  occupants: (scale) => scale.occupants,
  talkers: 16,
  isDurable: true,
  mostRuns: 2,
  sparesEjabberd: true,
})
/** Many small rooms. */
export const fanOutSmall = fanOutScenario({
  name: 'fan-out-50x20',
  rooms: 50,
  occupants: (scale) => Math.ceil(scale.occupants / 10),
  talkers: 1,
  bars: { bar: 100 },
  sparesEjabberd: true,
})
/** One large room, which Prosody takes minutes to fill. */
export const fanOutLarge = fanOutScenario({
  name: 'fan-out-1000',
  rooms: 1,
  occupants: (scale) => scale.occupants * 5,
  talkers: 16,
  isNotFor: ['prosody', 'prosody-usual', 'ejabberd'],
  mostRuns: 2,
})
