// Who asks, and what for: seen through proxies, of which only the trusted ones are believed.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** What is known of a request before its path is looked at. */
export interface Visitor {
  /** The address of who asks, without port. */
  readonly address: string
  /** Whether nobody on the way can read along: TLS, here or at a trusted proxy, or never leaves the machine. */
  readonly isSecure: boolean
  /** What stands in `Host`, lower case, with its port. */
  readonly authority: string
  /** The same without the port. */
  readonly hostName: string
}

/** The proxies that are believed. */
export class TrustedProxies {
  readonly #list = new BlockList()

  /** @throws TypeError for what is neither an address nor a network */
  constructor(networks: readonly string[]) {
    for (const text of networks) {
      const network = parseNetwork(text)
      if (!network) throw new TypeError(`“${text}” is neither an address nor a network such as 10.0.0.0/8`)
      this.#list.addSubnet(network.address, network.bits, network.family)
    }
  }

  /** Whether what `address` says of others is believed. */
  trusts(address: string): boolean {
    const plain = plainAddress(address)
    const family = isIP(plain)
    return family !== 0 && this.#list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
  }

  /** Reads what is known of a request. */
  visitorOf(request: IncomingMessage): Visitor {
    const { socket, headers } = request
    const peer = plainAddress(socket.remoteAddress ?? '')
    const isEncrypted = 'encrypted' in socket
    const wasForwarded = isForwarded(request)
    if (!wasForwarded || !this.trusts(peer))
      return visitor(peer, isEncrypted || (!wasForwarded && isLoopback(peer)), headers.host)
    // A proxy that does not say how it was asked is not taken for secure.
    return visitor(
      this.#client(peer, textOf(headers['x-forwarded-for'])),
      lastOf(headers['x-forwarded-proto']) === 'https',
      lastOf(headers['x-forwarded-host']) ?? headers.host,
    )
  }

  /** The nearest address that is not a trusted proxy's own: what stands before it anybody may have written. */
  #client(peer: string, forwardedFor: string): string {
    let client = peer
    for (const entry of forwardedFor.split(',').reverse()) {
      const address = plainAddress(entry.trim())
      if (isIP(address) === 0) break
      client = address
      if (!this.trusts(address)) break
    }
    return client
  }
}

/** Whether `text` is an address, or a network such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined
}

interface Network {
  readonly address: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...more] = text.split('/')
  const version = isIP(address)
  const most = version === 6 ? 128 : 32
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : -1
  if (version === 0 || more.length > 0 || bits < 0 || bits > most) return undefined
  return { address, bits, family: version === 6 ? 'ipv6' : 'ipv4' }
}

const forwardingHeaders = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'via']

function isForwarded({ headers }: IncomingMessage): boolean {
  return forwardingHeaders.some((name) => headers[name] !== undefined)
}

function visitor(address: string, isSecure: boolean, host: string | undefined): Visitor {
  const authority = (host ?? '').trim().toLowerCase()
  return { address, isSecure, authority, hostName: authority.replace(/:\d*$/, '') }
}

/** IPv4 in IPv6 as what it is; without brackets, port or zone. */
function plainAddress(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ?? address
  const withoutPort = bracketed.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  return withoutPort.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127\./.test(address)
}

function textOf(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '')
}

/** The nearest proxy writes last. */
function lastOf(header: string | string[] | undefined): string | undefined {
  return textOf(header).split(',').at(-1)?.trim().toLowerCase() || undefined
}
