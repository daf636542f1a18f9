// What events cost on their way to very many clients, over sockets: `node bench/pubsub-events.ts [subscribers]`.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Connection } from './generator/connection.ts'
import { Generator } from './generator/generator.ts'
import { addressOf, domain, logInToXmpp } from './generator/login.ts'
import { marker } from './generator/scanner.ts'
import { someAtOnce } from './generator/some-at-once.ts'
import { Traffic } from './generator/traffic.ts'
import { residentKib } from './measure.ts'
import { measureDeliveries } from './scenarios/deliveries.ts'
import { fullScale } from './scenarios/scenario.ts'
import { writeAccounts } from './servers/balcony-accounts.ts'
import { startServer } from './servers/process.ts'

const subscribers = Number(process.argv[2] ?? 10_000)
const inFlight = 4
const atOnce = 50
const service = `pubsub.${domain}`
const namespace = 'http://jabber.org/protocol/pubsub'
const program = fileURLToPath(new URL('./pubsub-server.ts', import.meta.url))

const request = (id: string, inside: string) =>
  `<iq to='${service}' type='set' id='${id}'><pubsub xmlns='${namespace}'>${inside}</pubsub></iq>`
// The marker is in the payload only: the publisher's result is no delivery.
const publishing = request(
  'p',
  `<publish node='square'><item><entry xmlns='urn:bench'>${marker(0)} ${'Lorem ipsum. '.repeat(16)}</entry></item></publish>`,
)

const server = await startServer({
  name: 'balcony',
  logIn: logInToXmpp,
  prepare: async (folder, port) => {
    const file = join(folder, 'data.db')
    await writeAccounts(file, subscribers + 1, 1)
    return [process.execPath, '--max-semi-space-size=4', program, file, String(port)]
  },
})
const progress = (doing: string) => void process.stderr.write(`\r\u001b[K${doing}`)

async function subscribe(generator: Generator, account: number): Promise<Connection> {
  const connection = generator.connect()
  await server.logIn(connection, account)
  connection.write('<presence/>')
  await connection.ask(request('s', `<subscribe node='square' jid='${addressOf(account)}'/>`), /id=["']s["']/)
  return connection
}

try {
  using generator = new Generator(server)
  const publisher = generator.connect()
  await server.logIn(publisher, 0)
  await publisher.ask(request('c', `<create node='square'/>`), /id=["']c["']/)
  const connections: Connection[] = []
  await someAtOnce({ first: 1, end: subscribers + 1, atOnce }, async (account) => {
    if (account % 100 === 0) progress(`subscribing, ${account} of ${subscribers}`)
    connections.push(await subscribe(generator, account))
  })
  const traffic = new Traffic([{ from: publisher, to: connections, template: publishing, inFlight }])
  const scale = { ...fullScale, measureMs: 10_000 }
  const run = { server, isRelay: false, scale, progress }
  const { figures, faults } = await measureDeliveries(run, generator, traffic)
  progress('')
  console.log(`${subscribers} subscribers, each with a socket; ${inFlight} items on their way`)
  for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value.toFixed(2)}`)
  console.log(
    `faults: ${JSON.stringify(faults)}; the server has ${(residentKib(server.pid) / 1024).toFixed(0)} MiB`,
  )
} finally {
  await server.stop()
}
