// Chat messages from client to client.
import { Generator } from '../generator/generator.ts'
import { addressOf, becomeAvailable } from '../generator/login.ts'
import { messageTemplate } from '../generator/stanzas.ts'
import { type Flow, Traffic } from '../generator/traffic.ts'
import { measureDeliveries } from './deliveries.ts'
import type { Run, Scenario } from './scenario.ts'
import { workMetrics } from './work.ts'

interface ChatShape {
  readonly name: string
  readonly pairs: number
  /** Messages on their way at a time, per pair. */
  readonly inFlight: number
  readonly bar?: number
  readonly isArchived?: boolean
  readonly isWebSocket?: boolean
}

function chatScenario(shape: ChatShape): Scenario {
  const { name, pairs, inFlight, bar, isArchived = false, isWebSocket = false } = shape
  return {
    name,
    title: () =>
      `chat messages of 300 bytes, ${pairs} ${pairs === 1 ? 'pair' : 'pairs'}, ${inFlight} in flight each${isArchived ? ', archived' : ''}${isWebSocket ? ', over WebSocket' : ''}`,
    forRelay: !isArchived && !isWebSocket,
    metrics: () => workMetrics('delivery', 'deliveries', bar === undefined ? {} : { bar }),
    accounts: () => 2 * pairs,
    passwordIterations: 1,
    isArchived,
    isWebSocket,
    async run(run) {
      const generator = new Generator(run.server.port)
      try {
        run.progress('logging in')
        const flows: Flow[] = []
        for (let pair = 0; pair < pairs; pair += 1) flows.push(await openPair(run, generator, pair, inFlight))
        return await measureDeliveries(run, generator, new Traffic(flows))
      } finally {
        generator.resetAll()
      }
    },
  }
}

async function openPair(run: Run, generator: Generator, pair: number, inFlight: number): Promise<Flow> {
  const [sender, receiver] = [2 * pair, 2 * pair + 1]
  const from = await openClient(run, generator, sender)
  const to = await openClient(run, generator, receiver)
  return { from, to: [to], template: messageTemplate('chat', addressOf(receiver), pair), inFlight }
}

async function openClient(run: Run, generator: Generator, account: number) {
  const connection = generator.connect()
  await run.server.logIn(connection, account)
  if (!run.isRelay) await becomeAvailable(connection)
  return connection
}

/** A few busy conversations. */
export const chat = chatScenario({ name: 'chat', pairs: 4, inFlight: 16, bar: 10 })
/** One message at a time: what a stanza costs when nothing can be done together. */
export const chatSingle = chatScenario({ name: 'chat-1', pairs: 1, inFlight: 1 })
/** The same conversations, each message kept for both sides before it is delivered. */
export const chatArchived = chatScenario({ name: 'chat-archived', pairs: 4, inFlight: 16, isArchived: true })
/** The same conversations between browsers. */
export const chatWebSocket = chatScenario({
  name: 'chat-websocket',
  pairs: 4,
  inFlight: 16,
  isWebSocket: true,
})
