// For tests of what is served over HTTP: a server of real parts on a free port, and requests as they are written.
import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '../src/base/clock.ts'
import type { Listener } from '../src/server/listeners.ts'
import { createServer, type Server, type ServerConfig } from '../src/server/server.ts'
import { memory } from '../src/storage/sqlite.ts'

/** A server with an HTTP port. */
export interface WebServer {
  readonly server: Server
  readonly listener: Listener
  readonly port: number
}

/** Starts a server with one HTTP port on this machine; it ends with the test. */
export async function webServer(t: TestContext, config: Partial<ServerConfig> = {}): Promise<WebServer> {
  const server = createServer({ storage: memory(), hosts: { localhost: { extensions: [] } }, ...config })
  t.after(() => closed(server))
  await server.start()
  const listener = await server.listen({ kind: 'http', host: '127.0.0.1', port: 0 })
  return { server, listener, port: listener.port }
}

/** Ends a server; a clock that stands still is moved, for whoever does not say goodbye is waited for. */
async function closed(server: Server): Promise<void> {
  let isClosed = false
  const closing = server.close().finally(() => {
    isClosed = true
  })
  while (!isClosed) {
    if (server.clock instanceof ManualClock) server.clock.advance(1000)
    await setImmediate()
  }
  await closing
}

/** What came back for a request. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** What is asked. */
export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends a request to this machine, with headers, `Host` too, as they are given. */
export async function ask(port: number, path: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = question
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
  sent.end(body)
  const [response] = await once(sent, 'response')
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, text }
}

/** Writes `text` to a port as it is; answers all that comes back until the server ends the connection. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.write(text)
  let came = ''
  socket.on('data', (part) => {
    came += part
  })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('close', resolve))
  return came
}
