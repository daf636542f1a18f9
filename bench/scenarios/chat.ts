// Chat messages from client to client.
import { manageStream } from '../generator/acks.ts'
import type { Connection } from '../generator/connection.ts'
import { Generator } from '../generator/generator.ts'
import { addressOf, becomeAvailable } from '../generator/login.ts'
import { messageTemplate } from '../generator/stanzas.ts'
import { type Flow, Traffic } from '../generator/traffic.ts'
import { measureDeliveries } from './deliveries.ts'
import type { Run, Scenario } from './scenario.ts'
import { type Bars, workMetrics } from './work.ts'

interface ChatShape {
  readonly name: string
  readonly pairs?: number
  /** Messages on their way at a time, per pair. */
  readonly inFlight?: number
  readonly bars?: Bars
  readonly isArchived?: boolean
  readonly isManaged?: boolean
  readonly isWebSocket?: boolean
  readonly isTls?: boolean
  readonly mostRuns?: number
  readonly sparesEjabberd?: boolean
}

function chatScenario(shape: ChatShape): Scenario {
  const { name, pairs = 4, inFlight = 16, bars = {}, isArchived = false, isManaged = false } = shape
  const { isWebSocket = false, isTls = false, mostRuns, sparesEjabberd = false } = shape
  return {
    name,
    title: () =>
      `chat messages of 300 bytes, ${pairs} ${pairs === 1 ? 'pair' : 'pairs'}, ${inFlight} in flight each${ways(shape)}`,
    forRelay: !isArchived && !isManaged && !isWebSocket && !isTls,
    metrics: () => workMetrics('delivery', 'deliveries', bars),
    accounts: () => 2 * pairs,
    passwordIterations: 1,
    isArchived,
    isWebSocket,
    isTls,
    sparesEjabberd,
    ...(mostRuns && { mostRuns }),
    async run(run) {
      using generator = new Generator(run.server)
      run.progress('logging in')
      const flows: Flow[] = []
      for (let pair = 0; pair < pairs; pair += 1) {
        const flow = await openPair(run, generator, { account: 2 * pair, flow: pair, inFlight })
        flows.push({ ...flow, isManaged })
        if (isManaged) for (const client of [flow.from, ...flow.to]) await manageStream(client)
      }
      return await measureDeliveries(run, generator, new Traffic(flows))
    },
  }
}

function ways({ isArchived, isManaged, isWebSocket, isTls }: ChatShape): string {
  const words = [
    isArchived && 'archived',
    isManaged && 'acknowledged (XEP-0198)',
    isWebSocket && 'over WebSocket',
    isTls && 'over TLS',
  ]
  return words
    .filter((word) => word)
    .map((word) => `, ${word}`)
    .join('')
}

/** Where a pair begins: the account that speaks, which the next one hears; and the number of the flow. */
interface Pair {
  readonly account: number
  readonly flow: number
  readonly inFlight: number
}

/** Two clients, one of which writes to the other. */
export async function openPair(
  run: Run,
  generator: Generator,
  { account, flow, inFlight }: Pair,
): Promise<Flow> {
  const from = await openClient(run, generator, account)
  const to = await openClient(run, generator, account + 1)
  return { from, to: [to], template: messageTemplate('chat', addressOf(account + 1), flow), inFlight }
}

/** A client that has logged in and is available. */
export async function openClient(run: Run, generator: Generator, account: number): Promise<Connection> {
  const connection = generator.connect()
  await run.server.logIn(connection, account)
  if (!run.isRelay) await becomeAvailable(connection)
  return connection
}

/** A few busy conversations. */
export const chat = chatScenario({ name: 'chat', bars: { bar: 30, ejabberdBar: 20, relayMost: 2.8 } })
/** One message at a time: what a stanza costs when nothing can be done together. */
export const chatSingle = chatScenario({
  name: 'chat-1',
  pairs: 1,
  inFlight: 1,
  bars: { bar: 15, relayMost: 1.8 },
  sparesEjabberd: true,
})
/** The same conversations, each message kept for both sides; who sent it is told when that has been done. */
export const chatDurable = chatScenario({
  name: 'chat-durable',
  isArchived: true,
  isManaged: true,
  bars: { bar: 40, sqliteBar: 40 },
})
/** The same conversations, each message kept for both sides; nobody is told. */
export const chatArchived = chatScenario({
  name: 'chat-archived',
  isArchived: true,
  mostRuns: 2,
  sparesEjabberd: true,
})
/** The same conversations, with stream management. */
export const chatManaged = chatScenario({
  name: 'chat-sm',
  isManaged: true,
  mostRuns: 2,
  sparesEjabberd: true,
})
/** The same conversations between browsers. */
export const chatWebSocket = chatScenario({
  name: 'chat-websocket',
  isWebSocket: true,
  mostRuns: 2,
  sparesEjabberd: true,
})
/** The same conversations, encrypted. */
export const chatTls = chatScenario({ name: 'chat-tls', isTls: true, mostRuns: 2, sparesEjabberd: true })
