import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Certificates } from './certificates.ts'
import { TcpTransport } from './tcp.ts'
import { testTransport } from './transport-contract.ts'

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url))
const contexts = new Certificates()
contexts.set('localhost', { key: fixture('localhost.key'), cert: fixture('localhost.crt') })
const options = { contexts, keepAliveMs: 60_000 }

/** Two sockets that are connected. */
async function socketPair() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const near = connect({ port, host: '127.0.0.1' })
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ]
  return { near, far, close: () => void server.close() }
}

testTransport('over TCP', async () => {
  const { near, far, close } = await socketPair()
  return { near: new TcpTransport(near, options), far: new TcpTransport(far, options), close }
})

testTransport('over TLS', async () => {
  const { near, far, close } = await socketPair()
  const accepted = new TcpTransport(far, options)
  accepted.beginWithTls()
  const secured = connectTls({ socket: near, servername: 'localhost', ca: fixture('localhost.crt') })
  await once(secured, 'secureConnect')
  return { near: accepted, far: new TcpTransport(secured, options), close }
})
