// The web part of a server: made when somebody first listens for HTTP or attaches it, for many servers need none.
import type { Server as NodeHttpServer } from 'node:http'
import { domainToASCII } from 'node:url'
import type { Log } from '../base/log.ts'
import type { Undo } from '../base/scope.ts'
import type { Host } from '../host/host.ts'
import type { Web } from '../host/web.ts'
import type { HostMeta } from '../http/host-meta.ts'
import type { HttpServer } from '../http/http.ts'
import type { HttpPort, HttpPortOptions } from '../http/port.ts'
import { defaultHttpSettings, type HttpSettings } from '../http/settings.ts'
import type { EntranceParts } from '../http/stream-entrance.ts'
import { TrustedProxies } from '../http/visitor.ts'
import { ConnectionCaps } from '../stream/caps.ts'
import type { StreamError } from '../stream/stream-error.ts'
import type { SecureContexts } from '../stream/tcp.ts'
import type { Listener } from './listeners.ts'

/** What the web part needs of its server. */
export interface WebPartInput {
  /** In the order of the configuration. */
  hosts(): readonly Host[]
  /** Where domains are reached from outside, as configured, by domain. */
  readonly urlByDomain: ReadonlyMap<string, string>
  readonly settings: Partial<HttpSettings>
  readonly contexts: SecureContexts
  /** What streams over HTTP share with all others. */
  readonly streams: EntranceParts
  /** The port of direct TLS (XEP-0368), if there is one. */
  directTlsPort(): number | undefined
  readonly log: Log
}

/** HTTP for all hosts of a server. */
export class WebPart {
  readonly #input: WebPartInput
  readonly #settings: HttpSettings
  readonly #proxies: TrustedProxies
  readonly #caps: ConnectionCaps
  readonly #ports = new Set<HttpPort>()
  #http: Promise<HttpServer> | undefined

  /** @throws TypeError for a trusted proxy that is no address */
  constructor(input: WebPartInput) {
    this.#input = input
    this.#settings = { ...defaultHttpSettings, ...input.settings }
    this.#proxies = new TrustedProxies(this.#settings.trustedProxies)
    const { connections, connectionsPerAddress } = this.#settings.limits
    this.#caps = new ConnectionCaps({ connections, connectionsPerAddress, connectionsBeforeLogin: 0 })
  }

  /**
   * Opens a port for HTTP.
   * @throws Error if it cannot be had, or for TLS without a certificate
   */
  async listen(options: HttpPortOptions): Promise<Listener> {
    if (options.kind === 'https' && !this.#input.contexts.contextOf(''))
      throw new Error('HTTPS needs a certificate')
    const { HttpPort } = await import('../http/port.ts')
    const port = new HttpPort(options.kind, await this.#serving(), this.#input.contexts, this.#caps)
    await port.open(options)
    this.#ports.add(port)
    return port
  }

  /** Answers what is Balcony's on the HTTP server of an app. */
  async attach(server: NodeHttpServer): Promise<Undo> {
    return (await this.#serving()).attach(server)
  }

  /** Where a host is reached from outside: as configured for it or the host above it, else by the ports that are open. */
  urlOf(domain: string): string | undefined {
    const owner = this.#ownerOf(domain)
    const configured = this.#input.urlByDomain.get(domain) ?? this.#input.urlByDomain.get(owner)
    if (configured !== undefined) return configured.replace(/\/+$/, '')
    const ports = [...this.#ports]
    // Nobody but this machine reaches a local name, and nobody has signed a certificate for it.
    const preferred = owner === 'localhost' ? 'http' : 'https'
    const port = ports.find(({ kind }) => kind === preferred) ?? ports[0]
    if (!port) return undefined
    const isStandard = port.port === (port.kind === 'https' ? 443 : 80)
    return `${port.kind}://${owner}${isStandard ? '' : `:${port.port}`}`
  }

  /** Says goodbye to those who are connected, then closes all ports. */
  async close(error: StreamError): Promise<void> {
    const http = await this.#http
    await http?.endStreams(error)
    await Promise.all([...this.#ports].map((port) => port.close()))
    await http?.close()
  }

  #serving(): Promise<HttpServer> {
    this.#http ??= this.#make()
    return this.#http
  }

  async #make(): Promise<HttpServer> {
    const { HttpServer } = await import('../http/http.ts')
    return new HttpServer({
      websOf: (hostName) => this.#websOf(hostName),
      metaOf: (hostName) => this.#metaOf(hostName),
      proxies: this.#proxies,
      settings: this.#settings,
      streams: this.#input.streams,
      log: this.#input.log,
    })
  }

  /** A domain that is served here shows its own and its services' pages; any other name those of all, the main domain first. */
  #websOf(hostName: string): Web[] {
    const hosts = this.#input.hosts()
    const named = hosts.some(({ domain }) => domain.domain === hostName)
    const owner = named ? this.#ownerOf(hostName) : undefined
    const seen = hosts.filter(({ domain }) => owner === undefined || this.#ownerOf(domain.domain) === owner)
    return seen.sort((one, other) => rank(one, hostName) - rank(other, hostName)).map(({ web }) => web)
  }

  /** XEP-0156: of the domain that is asked for, or of the main one where that is not served here; nothing in clear but to this machine. */
  #metaOf(hostName: string): HostMeta | undefined {
    const hosts = this.#input.hosts()
    const named = hosts.find(({ domain }) => domain.domain === hostName) ?? hosts[0]
    const domain = named && this.#ownerOf(named.domain.domain)
    const url = domain === undefined ? undefined : this.urlOf(domain)
    if (domain === undefined || url === undefined) return undefined
    if (url.startsWith('http:') && domain !== 'localhost') return undefined
    return { domain: domainToASCII(domain), url, directTlsPort: this.#input.directTlsPort() }
  }

  /** The domain with accounts that a service in a subdomain belongs to; any other domain itself. */
  #ownerOf(domain: string): string {
    const hosts = this.#input.hosts()
    const isService = hosts.find((host) => host.domain.domain === domain)?.hasService
    if (!isService) return domain
    const above = hosts.filter((host) => !host.hasService && domain.endsWith(`.${host.domain.domain}`))
    const nearest = above.sort((one, other) => other.domain.domain.length - one.domain.domain.length)[0]
    return nearest?.domain.domain ?? domain
  }
}

function rank({ domain }: Host, hostName: string): number {
  return domain.domain === hostName ? 0 : 1
}
