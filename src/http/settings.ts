// What the HTTP server may cost and whom it believes. Times are milliseconds.

/** Bounds of the HTTP server. */
export interface HttpLimits {
  /** At a time, in total. */
  readonly connections: number
  /** At a time, from one IPv4 address or one IPv6 network of 64 bits; trusted proxies may have any number. */
  readonly connectionsPerAddress: number
  /** Of the request line and all headers together; more is refused with 431. */
  readonly headerBytes: number
  /** Lines of headers; more is refused with 431. */
  readonly headers: number
  /** For the TLS handshake, and again for a request's headers. */
  readonly headersMs: number
  /** For a whole request, body and all. */
  readonly requestMs: number
  /** Between two requests on one connection. */
  readonly keepAliveMs: number
  /** Without a byte in either direction while a request is being answered. */
  readonly silenceMs: number
}

/** What is good for a server on the internet. */
export const defaultHttpLimits: HttpLimits = Object.freeze({
  connections: 10_000,
  connectionsPerAddress: 256,
  headerBytes: 16 * 1024,
  headers: 64,
  headersMs: 15_000,
  requestMs: 600_000,
  keepAliveMs: 75_000,
  silenceMs: 120_000,
})

/** How the web parts of a server behave; what is left out has its default. */
export interface HttpSettings {
  readonly limits: HttpLimits
  /** Addresses and networks (`10.0.0.0/8`) whose `X-Forwarded-For`, `-Proto` and `-Host` are believed. */
  readonly trustedProxies: readonly string[]
  /** Path of WebSocket (RFC 7395), or false for none. */
  readonly websocket: string | false
  /** Path of BOSH (XEP-0206), or false for none. */
  readonly bosh: string | false
  /** Origins of the pages, besides those of the same host, from which browsers may connect; `*` for all. */
  readonly origins: readonly string[]
  /** IP addresses at which the server is reached from outside, to be told in host-meta (XEP-0487). */
  readonly addresses: readonly string[]
}

/** A server for itself, or behind a proxy on the same machine. */
export const defaultHttpSettings: HttpSettings = Object.freeze({
  limits: defaultHttpLimits,
  trustedProxies: Object.freeze(['127.0.0.0/8', '::1']),
  websocket: '/xmpp-websocket',
  bosh: '/http-bind',
  origins: Object.freeze([]),
  addresses: Object.freeze([]),
})
