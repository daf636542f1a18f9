// The one HTTP server: finds out who asks, and leads each request to an endpoint, to a mount, or nowhere.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '../base/log.ts'
import type { Undo } from '../base/scope.ts'
import type { Mount, Web } from '../host/web.ts'
import type { StreamError } from '../stream/stream-error.ts'
import { answerEmpty, refuseConnection } from './answer.ts'
import { Apps } from './apps.ts'
import { attach } from './attach.ts'
import { BoshEndpoint } from './bosh.ts'
import type { Endpoint } from './endpoint.ts'
import { type HostMeta, hostMetaEndpoints } from './host-meta.ts'
import { Origins } from './origins.ts'
import { Pipelining } from './pipelining.ts'
import type { HttpLimits, HttpSettings } from './settings.ts'
import { type EntranceParts, StreamEntrance } from './stream-entrance.ts'
import type { TrustedProxies, Visitor } from './visitor.ts'
import { WebSocketEndpoint } from './websocket.ts'

/** What the HTTP server is made of. */
export interface HttpParts {
  /** The mounts that a request for that host name may see, in the order in which they are asked. */
  websOf(hostName: string): readonly Web[]
  /** What host-meta says to a request for that host name, if anything. */
  metaOf(hostName: string): HostMeta | undefined
  readonly proxies: TrustedProxies
  readonly settings: HttpSettings
  readonly streams: EntranceParts
  readonly log: Log
}

/** Answers requests, of its own ports and of servers that it is attached to. */
export class HttpServer {
  readonly limits: HttpLimits
  readonly log: Log
  readonly proxies: TrustedProxies
  /** Parses HTTP for connections that are handed to it; never listens itself. */
  readonly server: Server
  readonly #websOf: (hostName: string) => readonly Web[]
  readonly #endpointByPath = new Map<string, Endpoint>()
  readonly #apps: Apps
  readonly #pipelining = new Pipelining()
  readonly #entrance: StreamEntrance

  constructor(parts: HttpParts) {
    this.limits = parts.settings.limits
    this.log = parts.log
    this.proxies = parts.proxies
    this.#websOf = parts.websOf
    this.#apps = new Apps(this.proxies, parts.log)
    this.#entrance = new StreamEntrance(parts.streams)
    for (const endpoint of endpointsOf(parts, this.#entrance))
      this.#endpointByPath.set(endpoint.path, endpoint)
    this.server = this.#makeServer()
  }

  /**
   * Answers on the server of an app what is Balcony's, and leaves the rest to the listeners that the app has added by
   * now. What is mounted at `/` stays the app's. Undone by the answer.
   */
  attach(server: Server): Undo {
    return attach(server, {
      handle: (request, response) => this.#handle(request, response, false),
      upgrade: (request, socket, head) => this.#upgrade(request, socket, head),
    })
  }

  /** Ends all streams with `error`. */
  endStreams(error: StreamError): Promise<void> {
    return this.#entrance.close(error)
  }

  /** Lets go of all connections that are left, and of what is mounted. */
  async close(): Promise<void> {
    this.server.close()
    this.server.closeAllConnections()
    await this.#apps.close()
  }

  #makeServer(): Server {
    const { limits } = this
    const server = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    })
    server.timeout = limits.silenceMs
    // One more than may be, so that there is something to refuse.
    server.maxHeadersCount = limits.headers + 1
    server.on('request', (request, response) => {
      if (!this.#handle(request, response, true)) answerEmpty(response, 404)
    })
    server.on('upgrade', (request, socket, head) => {
      if (!this.#upgrade(request, socket, head)) refuseConnection(socket, 404)
    })
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      refuseConnection(socket, statusByError[error.code ?? ''] ?? 400)
    })
    // Time-outs are looked for from here on, though the connections come from elsewhere.
    server.emit('listening')
    return server
  }

  /** Answers a request; false if it is not ours. */
  #handle(request: IncomingMessage, response: ServerResponse, servesRoot: boolean): boolean {
    const path = pathOf(request)
    const visitor = this.proxies.visitorOf(request)
    const endpoint = this.#endpointByPath.get(path)
    const mount = endpoint ? undefined : this.#find(path, visitor, servesRoot)
    if (!endpoint && !mount) return false
    if (!this.#pipelining.begin(request, response)) request.socket.destroy()
    else if (request.rawHeaders.length / 2 > this.limits.headers) answerEmpty(response, 431)
    else if (endpoint) endpoint.handle(request, response, visitor)
    else if (mount) this.#apps.handle(mount, request, response)
    return true
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const endpoint = this.#endpointByPath.get(pathOf(request))
    if (!endpoint?.upgrade) return false
    endpoint.upgrade(request, socket, head, this.proxies.visitorOf(request))
    return true
  }

  /** The mount with the longest path, of all domains that the visitor sees; of two that are alike the first domain's. */
  #find(path: string, visitor: Visitor, servesRoot: boolean): Mount | undefined {
    let longest: Mount | undefined
    for (const web of this.#websOf(visitor.hostName)) {
      const mount = web.find(path)
      if (!mount || (mount.path === '/' && !servesRoot)) continue
      if (!longest || mount.path.length > longest.path.length) longest = mount
    }
    return longest
  }
}

function endpointsOf({ settings, metaOf }: HttpParts, entrance: StreamEntrance): Endpoint[] {
  const { websocket, bosh, origins } = settings
  const allowed = new Origins(origins)
  const endpoints = hostMetaEndpoints(metaOf, settings)
  if (websocket !== false) endpoints.push(new WebSocketEndpoint(websocket, allowed, entrance))
  if (bosh !== false) endpoints.push(new BoshEndpoint(bosh, allowed, entrance))
  return endpoints
}

const statusByError: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** As it stands there, without the query: whoever writes a path in another way does not mean ours. */
function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}
