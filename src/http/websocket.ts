// RFC 7395: where WebSocket connections are opened, by whom, and what becomes of them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { WebSocketTransport } from '../stream/websocket.ts'
import { answerEmpty, refuseConnection } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import type { Origins } from './origins.ts'
import type { StreamEntrance } from './stream-entrance.ts'
import type { Visitor } from './visitor.ts'

// RFC 7395 §3.1.
const subprotocol = 'xmpp'
// Each costs much more memory than the byte that may be all there is in it.
const mostFragments = 1024
const mostChunks = 4096

/** The place of WebSocket. */
export class WebSocketEndpoint implements Endpoint {
  readonly path: string
  readonly #origins: Origins
  readonly #entrance: StreamEntrance
  readonly #server: WebSocketServer

  constructor(path: string, origins: Origins, entrance: StreamEntrance) {
    this.path = path
    this.#origins = origins
    this.#entrance = entrance
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // The stream's own limit comes first, so that who goes past it is told so in XMPP.
      maxPayload: entrance.settings.limits.xmlAfterLogin.elementBytes + 4096,
      maxFragments: mostFragments,
      maxBufferedChunks: mostChunks,
      // The XML reader looks at every byte anyway.
      skipUTF8Validation: true,
      autoPong: false,
      handleProtocols: () => subprotocol,
    })
  }

  handle(_request: IncomingMessage, response: ServerResponse): void {
    answerEmpty(response, 426, { connection: 'upgrade', upgrade: 'websocket' })
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, visitor: Visitor): void {
    const refusal = this.#refusal(request, visitor)
    if (refusal === undefined) this.#accept(request, socket, head, visitor)
    else refuseConnection(socket, refusal)
  }

  #accept(request: IncomingMessage, socket: Duplex, head: Buffer, visitor: Visitor): void {
    // Until the handshake is over, nobody else gives the place back.
    const release = () => this.#entrance.release(visitor.address)
    socket.once('close', release)
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('close', release)
      this.#open(webSocket, socket, visitor)
    })
  }

  #refusal(request: IncomingMessage, visitor: Visitor): number | undefined {
    if (this.#origins.check(request, visitor) === null) return 403
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',')
    if (!offered.some((name) => name.trim() === subprotocol)) return 400
    return this.#entrance.admit(visitor.address) ? undefined : 503
  }

  #open(webSocket: WebSocket, socket: Duplex, visitor: Visitor): void {
    const { settings } = this.#entrance
    const transport = new WebSocketTransport(webSocket, socket, {
      remoteAddress: visitor.address,
      isSecure: visitor.isSecure,
      limits: settings.limits,
      clock: settings.clock,
    })
    this.#entrance.open(transport)
  }
}
