// RFC 6120 §4: one XML stream, as the server that was connected to.
import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'
import type { Log, LogData } from '../base/log.ts'
import type { Jid } from '../jid/jid.ts'
import { stanzaNamespace } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { type Element, element } from '../xml/element.ts'
import { serialize } from '../xml/serialize.ts'
import { faultOfHeader } from './accept-header.ts'
import { type Framing, standingAlone } from './framing.ts'
import { headerText, parseHeader, type StreamHeader } from './header.ts'
import { HeldBack } from './held-back.ts'
import { Input, type InputReceiver } from './input.ts'
import type { StreamLimits } from './limits.ts'
import type { Negotiation } from './negotiation.ts'
import type { OpenStream, OpenStreams } from './open-streams.ts'
import { Output, type OutputReceiver } from './output.ts'
import type { ChannelBindingType } from './sasl/channel-binding.ts'
import type { StreamDomain, StreamEnd, StreamFact, StreamState, StreamUser, XmlStream } from './stream.ts'
import { endOf, footerTexts, textByTimeOut } from './stream-end.ts'
import { StreamError } from './stream-error.ts'
import { TimeOuts } from './time-outs.ts'
import type { Transport, TransportReceiver } from './transport.ts'

/** What the streams of a listener have in common. `streamSettings` makes it. */
export interface StreamSettings {
  /** The domain with accounts that is served here under the prepared name, if there is one. */
  domainOf(to: string): StreamDomain | undefined
  readonly negotiation: Negotiation
  readonly limits: StreamLimits
  readonly clock: Clock
  readonly log: Log
  readonly ids: Ids
}

/** One stream over one connection. */
export class AcceptedStream
  implements XmlStream, TransportReceiver, InputReceiver, OutputReceiver, OpenStream
{
  readonly #transport: Transport
  readonly #settings: StreamSettings
  readonly #streams: OpenStreams
  readonly #input: Input
  readonly #output: Output
  readonly #timeOuts: TimeOuts
  readonly #framing: Framing | undefined
  #state: StreamState = 'opening'
  #id = ''
  #domain: StreamDomain | undefined
  #header: StreamHeader | undefined
  #user: Jid | undefined
  #peer: StreamUser | undefined
  #hasBound = false
  /** How many changes of accounts there had been when the log-in began. */
  #changesBefore = 0
  #peerHasEnded = false
  /** While the peer has logged in and has not been told so. */
  #heldBack: HeldBack | undefined

  constructor(transport: Transport, settings: StreamSettings, streams: OpenStreams) {
    this.#transport = transport
    this.#settings = settings
    this.#streams = streams
    this.#input = new Input(transport, this, settings, streams.likely)
    this.#output = new Output(transport, streams.flusher, settings.limits, this)
    this.#framing = transport.framing
    this.#timeOuts = new TimeOuts(settings.limits, this.#framing?.keepAliveMs)
    streams.add(this)
    transport.receive(this)
  }

  get state(): StreamState {
    return this.#state
  }

  get remoteAddress(): string {
    return this.#transport.remoteAddress
  }

  get isSecure(): boolean {
    return this.#transport.isSecure
  }

  get hasBound(): boolean {
    return this.#hasBound
  }

  get canStartTls(): boolean {
    return this.#transport.canStartTls === true
  }

  get limits(): StreamLimits {
    return this.#settings.limits
  }

  get id(): string {
    return this.#id
  }

  get lang(): string | undefined {
    return this.#header?.lang
  }

  get from(): Jid | undefined {
    return this.#header?.from
  }

  get certificateAddresses(): readonly string[] {
    return this.#transport.certificateAddresses ?? []
  }

  get domain(): StreamDomain | undefined {
    return this.#domain
  }

  get user(): Jid | undefined {
    return this.#user
  }

  get peer(): StreamUser | undefined {
    return this.#peer
  }

  get isCongested(): boolean {
    return this.#output.isCongested
  }

  has(fact: StreamFact): boolean {
    if (fact === 'tls') return this.#transport.isSecure
    return fact === 'authenticated' ? this.#user !== undefined : this.#state === 'bound'
  }

  send(head: string, rest?: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    if (this.#heldBack) {
      if (!this.#heldBack.add(head, rest)) this.onOverflow()
      return
    }
    this.#timeOuts.said()
    this.#output.write(this.#framing ? standingAlone(head) : head, rest)
  }

  sendElement(element: Element): void {
    this.send(serialize(element, stanzaNamespace))
  }

  close(error?: StreamError): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#note('stream-closed', { condition: error?.condition, text: error?.message })
    // RFC 6120 §4.9.1.2: an error never comes without a header.
    if (this.#state === 'opening') this.#sendHeader(this.#domain?.domain, undefined)
    this.#heldBack = undefined
    for (const text of footerTexts(error, this.#framing)) this.send(text)
    this.#state = 'closing'
    this.#timeOuts.closing()
    this.#streams.closing(this)
    this.#input.end()
    this.#flush()
    this.#endUser(endOf(error), error)
  }

  beginLogin(): void {
    this.#changesBefore = this.#domain?.credentials.changes ?? 0
  }

  loginHolds(user: Jid): boolean {
    return this.#domain?.credentials.hasChanged?.(user, this.#changesBefore) !== true
  }

  authenticate(user: Jid): void {
    if (this.#state !== 'negotiating') return
    this.#setUser(user)
    this.#state = 'opening'
    this.#input.restart()
  }

  identify(user: Jid): void {
    if (this.#state !== 'negotiating') return
    this.#setUser(user)
    this.#heldBack = new HeldBack(this.limits.outputLimitBytes)
  }

  welcome(first: Element): void {
    const heldBack = this.#heldBack
    if (!heldBack) return
    this.#heldBack = undefined
    this.sendElement(first)
    this.send(this.#settings.negotiation.featuresText(this))
    heldBack.release((head, rest) => this.send(head, rest))
  }

  channelBinding(type: ChannelBindingType): Uint8Array | undefined {
    return this.#transport.channelBinding?.(type)
  }

  noteLoginFailure(condition: string, user: Jid | undefined, error?: unknown): void {
    const data = { address: this.remoteAddress, user: user?.toString(), condition }
    if (error === undefined) this.#settings.log.info('login-failed', data)
    else this.#settings.log.error('login-failed', { ...data, error })
  }

  startTls(): void {
    const transport = this.#transport
    if (this.#state !== 'negotiating' || !this.canStartTls) return
    this.#output.flush()
    this.#input.discard()
    this.#state = 'opening'
    transport.startTls?.(this.#header?.to.domain ?? '').then(
      () => this.#settings.log.debug('tls-started', { address: transport.remoteAddress }),
      (error: unknown) => this.#settings.log.error('tls-failed', { error }),
    )
  }

  bind(resource: string | undefined): Jid | Promise<Jid> {
    const domain = this.#domain as StreamDomain
    const opened = domain.open(this, this.#user as Jid, resource)
    return opened instanceof Promise ? opened.then((peer) => this.#bound(peer)) : this.#bound(opened)
  }

  adopt(peer: StreamUser): boolean {
    if (this.#state !== 'negotiating' || !this.#user) return false
    this.#bound(peer)
    return true
  }

  onBytes(bytes: Uint8Array): void {
    this.#timeOuts.heard()
    if (this.#state !== 'closing') this.#input.push(bytes)
    else if (this.#framing?.isFooter?.(bytes)) {
      this.#peerHasEnded = true
      this.#flush()
    }
  }

  onDrain(): void {
    this.#timeOuts.drained()
    this.#flush()
  }

  onClose(error?: Error): void {
    if (this.#state === 'closed') return
    if (this.#state !== 'closing') this.#note('connection-lost', { error })
    this.#state = 'closed'
    this.#input.end()
    this.#output.clear()
    this.#streams.remove(this)
    this.#endUser('lost')
  }

  onHeader(root: Element, contentNamespace: string | undefined): void | Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed') return
    if (this.#state !== 'opening') return this.close(new StreamError('bad-format', 'the stream is open'))
    try {
      return this.#open(root, contentNamespace)?.catch((error: unknown) => this.#failedByBug(root, error))
    } catch (error) {
      this.#failedByBug(root, error)
    }
  }

  onElement(element: Element): void | Promise<void> {
    const isBound = this.#state === 'bound'
    if (this.#state === 'opening') return this.close(new StreamError('bad-format', 'open the stream first'))
    if (!isBound && this.#state !== 'negotiating') return
    const isStanza = element.namespace === stanzaNamespace
    try {
      // Of a bound stream they take no other stanzas, which therefore need not wait for them to be asked.
      const feature =
        isBound && isStanza && !isOrder(element)
          ? undefined
          : this.#settings.negotiation.featureFor(element, this)
      if (!feature && !(isBound && isStanza))
        return this.close(this.#settings.negotiation.refusalOf(element, this))
      const pending = feature ? feature.receive(element, this) : this.#peer?.receive(element)
      return pending?.catch((error: unknown) => this.#failed(element, error))
    } catch (error) {
      this.#failed(element, error)
    }
  }

  onFooter(): void {
    this.#peerHasEnded = true
    this.close()
  }

  onFault(error: StreamError): void {
    this.close(error)
  }

  onCongestion(isCongested: boolean): void {
    this.#input.setCongested(isCongested)
  }

  onOverflow(): void {
    this.close(new StreamError('resource-constraint', 'you do not read what you are sent'))
  }

  /** Another `elapsedMs` milliseconds have passed: ends what has taken too long, keeps alive what is quiet. */
  sweep(elapsedMs: number): void {
    const timeOut = this.#timeOuts.pass(elapsedMs, this.#state, this.#output.isWaiting)
    if (timeOut === 'keep-alive') this.#keepAlive()
    else if (timeOut === 'never-closed') this.#transport.destroy()
    else if (timeOut) this.close(new StreamError('connection-timeout', textByTimeOut[timeOut]))
  }

  /** Strangers come and go all day; what users do is worth a line at the level of information. */
  #note(event: string, more: LogData): void {
    const data = { address: this.remoteAddress, user: this.#user?.toString(), ...more }
    if (this.#user) this.#settings.log.info(event, data)
    else this.#settings.log.debug(event, data)
  }

  #keepAlive(): void {
    if (!this.#framing) this.send(' ')
    else {
      this.#timeOuts.said()
      this.#framing.keepAlive()
    }
  }

  /** Sends what waits; once all of it has been sent on a closing stream, says that nothing more will come. */
  #flush(): void {
    this.#output.flush()
    if (this.#state !== 'closing' || this.#output.hasParts) return
    // RFC 7395 §3.6: the connection is closed when the stream has been, by both.
    if (this.#peerHasEnded || !this.#framing?.isFooter) this.#transport.end()
  }

  #setUser(user: Jid): void {
    this.#user = user
    this.#settings.log.info('authenticated', { address: this.remoteAddress, user: user.toString() })
  }

  #open(root: Element, contentNamespace: string | undefined): void | Promise<void> {
    const header = parseHeader(root, contentNamespace, this.#framing !== undefined)
    const fault = header instanceof StreamError ? header : this.#accept(header)
    // RFC 6120 §4.9.1.2: whatever is wrong with the peer's header, ours comes first.
    if (header instanceof StreamError) this.#sendHeader(this.#domain?.domain, undefined)
    else this.#sendHeader(header.to, header.from)
    if (fault) return this.close(fault)
    const { negotiation } = this.#settings
    const prepared = negotiation.prepare(this)
    if (prepared) return prepared.then(() => this.send(negotiation.featuresText(this)))
    this.send(negotiation.featuresText(this))
  }

  /** Takes a header into account; answers why the stream cannot be opened so. */
  #accept(header: StreamHeader): StreamError | undefined {
    const before = this.#header
    const domain = this.#settings.domainOf(header.to.domain)
    if (!domain) return new StreamError('host-unknown', 'that domain is not served here')
    this.#header = header
    this.#domain = domain
    const { serverName } = this.#transport
    const domainOf = (to: string) => this.#settings.domainOf(to)
    return faultOfHeader(header, { before, user: this.#user, serverName, domainOf })
  }

  #sendHeader(from: Jid | undefined, to: Jid | undefined): void {
    this.#id = this.#settings.ids.id()
    const answer = { id: this.#id, from: from?.toString(), to: to?.toString() }
    if (!this.#framing) this.send(headerText(answer))
    else this.#framing.header(answer).forEach((text) => void this.send(text))
    this.#state = 'negotiating'
  }

  #failed(stanza: Element, error: unknown): void {
    if (error instanceof StreamError) {
      this.close(error)
    } else if (error instanceof StanzaError && isRequest(stanza)) {
      const attributes = { type: 'error', id: stanza.attribute('id') }
      this.sendElement(element('iq', stanzaNamespace, attributes, error.toElement()))
    } else this.#failedByBug(stanza, error)
  }

  #failedByBug(stanza: Element, error: unknown): void {
    this.#settings.log.error('stream-failed', { user: this.#user?.toString(), element: stanza.name, error })
    // Who has logged in and has not been told so yet would wait forever.
    if (!this.#heldBack && (this.#state === 'bound' || error instanceof StanzaError)) return
    this.close(new StreamError('internal-server-error'))
  }

  #bound(peer: StreamUser): Jid {
    // The connection may have gone while the domain was waiting for something.
    if (this.#state !== 'negotiating') {
      peer.ended('lost', this)
      return peer.jid
    }
    this.#peer = peer
    this.#hasBound = true
    this.#state = 'bound'
    this.#input.trust(this.#settings.limits)
    this.#transport.trust?.()
    this.#streams.bound(this)
    return peer.jid
  }

  #endUser(end: StreamEnd, error?: StreamError): void {
    const peer = this.#peer
    this.#peer = undefined
    try {
      peer?.ended(end, this, error)
    } catch (error) {
      this.#settings.log.error('stream-failed', { user: this.#user?.toString(), error })
    }
  }
}

function isOrder(stanza: Element): boolean {
  return stanza.name === 'iq' && stanza.attribute('type') === 'set'
}

// RFC 6120 §8.2.3: results and errors are not answered.
function isRequest(stanza: Element): boolean {
  const type = stanza.attribute('type')
  return stanza.name === 'iq' && (type === 'get' || type === 'set')
}
