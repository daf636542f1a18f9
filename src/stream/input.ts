// What comes in: bytes to elements, in order, no faster than they may come and are dealt with.
import type { Clock, Timer } from '../base/clock.ts'
import type { Element } from '../xml/element.ts'
import { type LikelyNamespaces, type XmlFault, XmlReader } from '../xml/xml.ts'
import { TokenBucket } from './bucket.ts'
import type { StreamLimits } from './limits.ts'
import { type ElementReader, MessageReader } from './message-reader.ts'
import { StreamError } from './stream-error.ts'
import type { Transport } from './transport.ts'

/** Who takes what was read. */
export interface InputReceiver {
  /**
   * The root element's start tag, and the default namespace declared on it. While a promise is pending nothing more
   * is read; it must not reject.
   */
  onHeader(root: Element, contentNamespace: string | undefined): void | Promise<void>
  /** A top-level element. While a promise is pending nothing more is read; it must not reject. */
  onElement(element: Element): void | Promise<void>
  /** The root element's end tag. */
  onFooter(): void
  /** The peer sent what cannot be read; nothing more will be. */
  onFault(error: StreamError): void
}

// Why nothing is read; the transport is paused while any of them holds.
const awaitingAnswer = 1
const tooFast = 2
const congested = 4

/** The reading half of a stream. */
export class Input {
  readonly #transport: Transport
  readonly #receiver: InputReceiver
  readonly #clock: Clock
  readonly #reader: ElementReader
  readonly #bytes: TokenBucket | undefined
  readonly #stanzas: TokenBucket | undefined
  #reasons = 0
  #timer: Timer | undefined

  constructor(
    transport: Transport,
    receiver: InputReceiver,
    { limits, clock }: { readonly limits: StreamLimits; readonly clock: Clock },
    likely: LikelyNamespaces,
  ) {
    this.#transport = transport
    this.#receiver = receiver
    this.#clock = clock
    this.#reader = transport.framing
      ? new MessageReader(this, limits.xmlBeforeLogin, likely)
      : new XmlReader(this, limits.xmlBeforeLogin, likely)
    if (limits.bytes.perSecond > 0) this.#bytes = new TokenBucket(limits.bytes, clock.now())
    if (limits.stanzas.perSecond > 0) this.#stanzas = new TokenBucket(limits.stanzas, clock.now())
  }

  /** What clients say to each other. */
  get sentOn(): string {
    return 'message'
  }

  /** Takes bytes from the transport. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.#bytes) this.#slowDown(this.#bytes.take(bytes.length, this.#clock.now()))
    this.#check(this.#reader.push(bytes))
  }

  /** From now on elements may be as large as `limits.xmlAfterLogin` says. */
  trust(limits: StreamLimits): void {
    this.#reader.limits = limits.xmlAfterLogin
    this.#transport.framing?.trust()
  }

  /** Expects a new header next (RFC 6120 §4.3.3); what has been read already counts to it. */
  restart(): void {
    this.#reader.restart()
  }

  /** Throws away what has been read and not been dealt with, and expects a new header next. */
  discard(): void {
    this.#reader.discard()
    this.#reader.restart()
  }

  /** Stops for good. The transport goes on, so that it can see the peer's end. */
  end(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#reader.discard()
    if (this.#reasons !== 0) this.#transport.resume()
    this.#reasons = 0
  }

  /** Reads nothing while the peer does not read what it is sent. */
  setCongested(isCongested: boolean): void {
    if (isCongested) this.#stop(congested)
    else this.#go(congested)
  }

  onOpen(root: Element, namespaces: ReadonlyMap<string, string>): void {
    this.#wait(this.#receiver.onHeader(root, namespaces.get('')))
  }

  onElement(element: Element): void {
    if (this.#stanzas) this.#slowDown(this.#stanzas.take(1, this.#clock.now()))
    this.#wait(this.#receiver.onElement(element))
  }

  onClose(): void {
    this.#receiver.onFooter()
  }

  #wait(pending: void | Promise<void>): void {
    if (pending === undefined) return
    this.#stop(awaitingAnswer)
    pending.then(() => this.#go(awaitingAnswer))
  }

  #slowDown(waitMs: number): void {
    if (waitMs === 0) return
    this.#stop(tooFast)
    this.#timer?.cancel()
    this.#timer = this.#clock.after(waitMs, () => {
      this.#timer = undefined
      this.#go(tooFast)
    })
  }

  #stop(reason: number): void {
    if (this.#reasons === 0) {
      this.#transport.pause()
      this.#reader.hold()
    }
    this.#reasons |= reason
  }

  #go(reason: number): void {
    if ((this.#reasons & reason) === 0) return
    this.#reasons &= ~reason
    if (this.#reasons !== 0) return
    this.#check(this.#reader.proceed())
    if (this.#reasons === 0) this.#transport.resume()
  }

  #check(fault: XmlFault | undefined): void {
    if (fault) this.#receiver.onFault(new StreamError(fault.condition, fault.text))
  }
}
