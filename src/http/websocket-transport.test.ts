import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../base/clock.ts'
import { defaultStreamLimits } from '../stream/limits.ts'
import type { Transport, TransportReceiver } from '../stream/transport.ts'
import { testTransport } from '../stream/transport-contract.ts'
import { WebSocketTransport } from '../stream/websocket.ts'

/** The client's end, by `ws` alone. */
class ClientEnd implements Transport {
  readonly remoteAddress = '127.0.0.1'
  readonly isSecure = false
  readonly #webSocket: WebSocket

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount
  }

  receive(receiver: TransportReceiver): void {
    this.#webSocket.on('message', (bytes: Buffer) => receiver.onBytes(bytes))
    this.#webSocket.on('close', () => receiver.onClose())
  }

  write(bytes: Uint8Array | string): boolean {
    this.#webSocket.send(bytes, { binary: false })
    return this.bufferedBytes === 0
  }

  pause(): void {
    this.#webSocket.pause()
  }

  resume(): void {
    this.#webSocket.resume()
  }

  end(): void {
    this.#webSocket.close()
  }

  destroy(): void {
    this.#webSocket.terminate()
  }
}

testTransport('over WebSocket', async () => {
  const server = createServer()
  const webSockets = new WebSocketServer({ noServer: true, autoPong: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  const [request, socket, head] = (await once(server, 'upgrade')) as [never, Socket, Buffer]
  const accepted = Promise.withResolvers<WebSocket>()
  webSockets.handleUpgrade(request, socket, head, (webSocket) => accepted.resolve(webSocket))
  const near = new WebSocketTransport(await accepted.promise, socket, {
    remoteAddress: '127.0.0.1',
    isSecure: false,
    limits: defaultStreamLimits,
    clock: systemClock,
  })
  await once(client, 'open')
  return { near, far: new ClientEnd(client), close: () => void server.close() }
})
