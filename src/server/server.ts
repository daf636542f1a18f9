// The server as one value: hosts, storage, listeners. Everything it depends on is a parameter.
import type { Server as HttpServer } from 'node:http'
import { type Clock, systemClock } from '../base/clock.ts'
import { type Ids, SystemIds } from '../base/ids.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { Undo } from '../base/scope.ts'
import { Host } from '../host/host.ts'
import type { HostLimits } from '../host/host-parts.ts'
import type { ExtensionOptions } from '../host/loader.ts'
import { Router } from '../host/router.ts'
import { type Jid, jid, parseJid } from '../jid/jid.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { type Files, filesInMemory } from '../storage/files.ts'
import { AcceptedStream, type StreamSettings } from '../stream/accepted-stream.ts'
import { ConnectionCaps } from '../stream/caps.ts'
import { type Certificate, Certificates } from '../stream/certificates.ts'
import type { StreamLimits } from '../stream/limits.ts'
import { OpenStreams } from '../stream/open-streams.ts'
import { streamSettings } from '../stream/settings.ts'
import type { XmlStream } from '../stream/stream.ts'
import { StreamError } from '../stream/stream-error.ts'
import type { Transport } from '../stream/transport.ts'
import { type Listener, type ListenOptions, listen } from './listeners.ts'
import { connectInMemory, type MemoryClient } from './memory-client.ts'
import { type OutgoingStanza, toStanza } from './outgoing.ts'
import type { HostConfig, ServerConfig } from './server-config.ts'
import { WebPart } from './web-part.ts'

export type { AuthFunction, AuthRequest } from '../host/auth.ts'
export type { OutgoingMessage, OutgoingStanza } from './outgoing.ts'
export type { HostConfig, ServerConfig } from './server-config.ts'

/**
 * Makes a server; nothing runs until `start`.
 * @throws TypeError for a domain or an address that is none
 */
export function createServer(config: ServerConfig): Server {
  return new Server(config)
}

/** A server with its hosts. */
export class Server implements AsyncDisposable {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly #config: ServerConfig
  readonly #files: Files
  readonly #router = new Router()
  readonly #hostByDomain = new Map<string, Host>()
  readonly #certificates = new Certificates()
  readonly #settings: StreamSettings
  readonly #caps: ConnectionCaps
  readonly #listeners = new Set<Listener>()
  readonly #accepted: OpenStreams
  readonly #web: WebPart
  #state: 'made' | 'running' | 'stopped' = 'made'
  #closing: Promise<void> | undefined

  constructor(config: ServerConfig) {
    this.#config = config
    this.#files = config.files ?? filesInMemory()
    this.clock = config.clock ?? systemClock
    this.ids = config.ids ?? new SystemIds()
    this.log = config.log ?? silentLog
    this.#settings = streamSettings({
      domainOf: (to) => this.#domainWithAccounts(to),
      clock: this.clock,
      log: this.log,
      ids: this.ids,
      limits: config.streamLimits ?? {},
      policy: config.policy ?? {},
    })
    this.#caps = new ConnectionCaps(this.#settings.limits)
    this.#accepted = new OpenStreams(this.clock)
    this.#web = new WebPart({
      hosts: () => this.hosts,
      urlByDomain: urlsOf(config.hosts),
      settings: config.web ?? {},
      contexts: this.#certificates,
      directTlsPort: () => [...this.#listeners].find(({ kind }) => kind === 'direct-tls')?.port,
      streams: { settings: this.#settings, caps: this.#caps, tap: config.tap },
      log: this.log,
    })
    for (const [domain, host] of Object.entries(config.hosts)) this.#addHost(domain, host)
  }

  /** The hosts, in the order of the configuration. */
  get hosts(): readonly Host[] {
    return [...this.#hostByDomain.values()]
  }

  /** The host of a domain (as an address, so in prepared form), if it is served here. */
  host(domain: string): Host | undefined {
    return this.#hostByDomain.get(parseJid(domain)?.domain ?? domain)
  }

  /**
   * Loads extensions and reads what is kept.
   * @throws Error that names host and extension, if one cannot be loaded
   */
  async start(): Promise<void> {
    if (this.#state !== 'made') throw new Error(`the server is ${this.#state} already`)
    this.#state = 'running'
    await this.#config.storage.open()
    for (const [domain, hostConfig] of Object.entries(this.#config.hosts)) {
      const host = this.#hostByDomain.get(jid(domain).domain) as Host
      await host.start()
      host.extensions.load(hostConfig.extensions, mergeOptions(this.#config.options, hostConfig.options))
    }
  }

  /**
   * Opens a port for clients.
   * @throws Error if it cannot be had, or for TLS without a certificate
   */
  async listen({ kind, host, port }: ListenOptions): Promise<Listener> {
    if (kind === 'http' || kind === 'https') return this.#web.listen({ kind, host, port })
    const options = { kind, host, port }
    const listener = await listen(options, {
      settings: this.#settings,
      contexts: this.#certificates,
      caps: this.#caps,
      tap: this.#config.tap,
    })
    this.#listeners.add(listener)
    return listener
  }

  /**
   * Answers on the HTTP server of an app what is Balcony's: WebSocket, BOSH and what extensions have mounted, except at `/`.
   * All else is left to the listeners that the app has added by now. Resolves with what undoes it.
   */
  attach(httpServer: HttpServer): Promise<Undo> {
    return this.#web.attach(httpServer)
  }

  /** Takes a connection that somebody else has accepted. */
  accept(transport: Transport): XmlStream {
    return new AcceptedStream(transport, this.#settings, this.#accepted)
  }

  /**
   * Sets or replaces the certificate of a domain; connections that are open keep theirs.
   * @throws Error if certificate and key do not fit together
   */
  setTls(domain: string, pair: Certificate): void {
    this.#certificates.set(jid(domain).domain, pair)
  }

  /**
   * Lets clients log in with certificates that one of `authorities` has signed (PEM), and that name their accounts
   * (XEP-0178); none for nobody. Connections that are open stay as they are.
   * @throws Error if one cannot be read
   */
  setClientAuthorities(authorities: readonly string[]): void {
    this.#certificates.trustClients(authorities)
  }

  /** Changes bounds while running: for what is connected already as far as it looks them up, for others wholly. */
  setLimits(limits: {
    readonly streams?: Partial<StreamLimits>
    readonly hosts?: Partial<HostLimits>
  }): void {
    Object.assign(this.#settings.limits, limits.streams)
    for (const host of this.hosts) Object.assign(host.limits, limits.hosts)
  }

  /**
   * A client in this process, logged in as an account that exists, without a password. As any other it is ended when
   * more than `outputLimitBytes` wait for it.
   * @throws StanzaError if the account does not exist or may not have another session
   */
  connect(address: string): Promise<MemoryClient> {
    const full = jid(address)
    const host = this.host(full.domain)
    if (!host) throw new TypeError(`${full.domain} is not served here`)
    return connectInMemory(host, full, this.#settings.limits.outputLimitBytes)
  }

  /**
   * Sends a message or presence from an address of this server, whether or not an account has it. It goes the way of
   * all that its receiver gets, but not through what is done for the sender: no copy for the sender's devices, no entry
   * in the sender's archive. Resolves when it has been handed over, and is kept where it has to be.
   * @throws StanzaError if it is refused; TypeError if `from` is not of this server or an address is none
   */
  async send(outgoing: OutgoingStanza): Promise<void> {
    const stanza = toStanza(outgoing, this.ids)
    if (!this.host(stanza.from.domain)) throw new TypeError(`${stanza.from.domain} is not served here`)
    const { domain } = stanza.to as Jid
    const host = this.host(domain)
    if (!host) throw new StanzaError('remote-server-not-found', `${domain} is not served here`)
    await host.reception.deliver(stanza)
  }

  /** Says goodbye to everybody, makes lasting what is under way and closes the storage. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#state = 'stopped'
    for (const host of this.hosts) await host.stop()
    const goodbye = new StreamError('system-shutdown')
    const closing = [...this.#listeners].map((listener) => listener.close(goodbye))
    closing.push(this.#accepted.closeAll(goodbye), this.#web.close(goodbye))
    for (const host of this.hosts) await host.endSessions(goodbye)
    await Promise.all(closing)
    for (const host of this.hosts) host.extensions.unloadAll()
    await this.#config.storage.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #addHost(domain: string, config: HostConfig): void {
    const address = jid(domain)
    const host = new Host({
      domain: address,
      router: this.#router,
      storage: this.#config.storage,
      files: this.#files,
      clock: this.clock,
      log: this.log,
      ids: this.ids,
      limits: this.#config.limits ?? {},
      conflict: this.#config.conflict ?? 'replace',
      admins: (config.admins ?? []).map(jid),
      createOnLogin: config.createOnLogin ?? false,
      auth: config.auth ?? this.#config.auth,
      services: () => this.#servicesOf(address),
      webUrl: () => this.#web.urlOf(address.domain),
    })
    this.#router.add(address.domain, host)
    this.#hostByDomain.set(address.domain, host)
    host.accountRemoved.add(async (account) => {
      for (const service of this.#servicesOf(address)) {
        const { accountRemoved, log } = this.#hostByDomain.get(service.domain) as Host
        await accountRemoved.emitAndWait(account, (error) => log.error('erasing failed', { error }))
      }
    })
  }

  #domainWithAccounts(domain: string): Host | undefined {
    const host = this.#hostByDomain.get(domain)
    return host?.hasService ? undefined : host
  }

  /** Services in subdomains belong to the host above them. */
  #servicesOf(domain: Jid): Jid[] {
    return this.hosts
      .filter((host) => host.hasService && host.domain.domain.endsWith(`.${domain.domain}`))
      .map((host) => host.domain)
  }
}

function urlsOf(hosts: ServerConfig['hosts']): Map<string, string> {
  const urls = new Map<string, string>()
  for (const [domain, { url }] of Object.entries(hosts))
    if (url !== undefined) urls.set(jid(domain).domain, url)
  return urls
}

function mergeOptions(all: ExtensionOptions = {}, own: ExtensionOptions = {}): ExtensionOptions {
  const merged: Record<string, unknown> = { ...all }
  for (const [name, options] of Object.entries(own)) {
    merged[name] = { ...(merged[name] as object | undefined), ...(options as object) }
  }
  return merged
}
