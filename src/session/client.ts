// A client's session: elements in, stanzas out.
import { channel } from 'node:diagnostics_channel'
import { inOnePiece } from '../base/one-piece.ts'
import { Receipt, Receipts } from '../base/receipts.ts'
import type { Jid } from '../jid/jid.ts'
import { messageStart, type Origin, parseStanza, type StanzaFault } from '../stanza/parse-stanza.ts'
import { errorOf } from '../stanza/reply.ts'
import { Iq, Message, Presence, resultStart, type Stanza } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import type { StreamEnd } from '../stream/stream.ts'
import { StreamError } from '../stream/stream-error.ts'
import type { Element } from '../xml/element.ts'
import { escapeAttribute } from '../xml/serialize.ts'
import { malformedTo, meantAddress } from './malformed-to.ts'
import type { SessionOwner, SessionStream } from './session.ts'

/** Stands for the stream of a session that has none at present. */
const noStream: SessionStream = {
  isSecure: false,
  remoteAddress: '',
  send() {},
  close() {},
}

/** How many stanzas of one session may wait to be kept before no more are read. */
const maxInFlight = 128

/** A stanza that has not been dealt with. */
interface Underway {
  readonly receipt: Receipt
  /** Resolves when it has; made when somebody waits for it. */
  over: PromiseWithResolvers<void> | undefined
}

const receivedChannel = channel('balcony.session.received')
const sentChannel = channel('balcony.session.sent')

/** What goes over the diagnostics channels `balcony.session.received` and `balcony.session.sent`. */
export interface SessionTrace {
  readonly session: ClientSession
  readonly stanza: Stanza
}

/** One resource of an account that is connected (RFC 6121 §2). */
export class ClientSession implements Origin {
  /** The full address. */
  readonly jid: Jid
  #stream: SessionStream
  readonly #owner: SessionOwner<ClientSession>
  /** How messages and presence for it begin; presence also comes for its bare address. */
  #messageHead: string | undefined
  #presenceHead: string | undefined
  #barePresenceHead: string | undefined
  /** How results from one address begin. */
  #resultHead: string | undefined
  #resultFrom: Jid | undefined
  #presence: Presence | undefined
  #presenceAt = 0
  #priority = 0
  readonly receipts = new Receipts()
  #messageStart: string | undefined
  /** What it sent and has not been dealt with, oldest first. */
  #underway: Underway[] | undefined
  #goOn: (() => void) | undefined
  #hasEnded = false
  #fault: StreamError | undefined

  constructor(jid: Jid, stream: SessionStream, owner: SessionOwner<ClientSession>) {
    this.jid = jid
    this.#stream = stream
    this.#owner = owner
  }

  /** The last presence sent to everybody; `undefined` while the session is not available. */
  get presence(): Presence | undefined {
    return this.#presence
  }

  /** When that presence was sent, in milliseconds since 1970. */
  get presenceAt(): number {
    return this.#presenceAt
  }

  /** Sets the presence that is shown to everybody; `now` in milliseconds since 1970. */
  show(presence: Presence | undefined, now: number): void {
    this.#presence = presence && withoutBytes(presence)
    this.#presenceAt = now
    this.#priority = presence ? priorityOf(presence) : 0
  }

  get isAvailable(): boolean {
    return this.#presence !== undefined
  }

  /** RFC 6121 §4.7.2.3: -128 to 127; 0 where the presence gives none. */
  get priority(): number {
    return this.#priority
  }

  /** Resolves when what it sent last has been dealt with; `undefined` if it has. */
  get underway(): Promise<void> | undefined {
    const last = this.#underway?.at(-1)
    if (!last) return undefined
    last.over ??= Promise.withResolvers()
    return last.over.promise
  }

  /** How many stanzas it has sent that have not been dealt with. */
  get open(): number {
    return this.#underway?.length ?? 0
  }

  /** How many of these, from the oldest, will have been dealt with once all is kept that the storage has been asked to keep. */
  get beingKept(): number {
    const end = this.#underway?.findIndex(({ receipt }) => !receipt.isBeingKept) ?? 0
    return end < 0 ? this.open : end
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** What it is written to at present. */
  get stream(): SessionStream {
    return this.#stream
  }

  /** Why the server ended the stream that it had last, if it did and said so. */
  get fault(): StreamError | undefined {
    return this.#fault
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress
  }

  get lang(): string | undefined {
    return this.#stream.lang
  }

  get messageStart(): string {
    this.#messageStart ??= messageStart(this.jid, this.lang)
    return this.#messageStart
  }

  get isSecure(): boolean {
    return this.#stream.isSecure
  }

  /**
   * Takes a top-level element of the stream.
   * @throws StreamError for what ends the stream: a foreign `from`, or no stanza at all
   */
  receive(element: Element): void | Promise<void> {
    this.#checkFrom(element)
    const stanza = parseStanza(element, this.jid, this)
    if (typeof stanza === 'string') {
      this.#refuse(element, stanza)
      return this.#dealWith(undefined)
    }
    if (receivedChannel.hasSubscribers)
      receivedChannel.publish({ session: this, stanza } satisfies SessionTrace)
    return this.#dealWith(this.#owner.receive(stanza, this))
  }

  /** Writes a stanza to the client. On a session that has ended nothing happens. */
  send(stanza: Stanza): void {
    if (this.#hasEnded || !this.#owner.sends(stanza, this)) return
    this.write(stanza)
  }

  /**
   * Writes a stanza that many get and that has no `to`: its bytes are the same for all, but for the address. `to` is this session's, or
   * for presence its bare one.
   */
  sendShared(stanza: Message | Presence, to: Jid): void {
    if (this.#hasEnded || sentChannel.hasSubscribers || !this.#owner.lets(stanza, this)) {
      this.send(stanza.with({ to }))
      return
    }
    this.#stream.send(this.#headOf(stanza, to), stanza.rest())
  }

  /** Writes a stanza without asking anybody; without a stream it goes nowhere. */
  write(stanza: Stanza): void {
    if (sentChannel.hasSubscribers) sentChannel.publish({ session: this, stanza } satisfies SessionTrace)
    if (stanza.isInBytes) this.#stream.send(stanza.head(), stanza.rest())
    else if (stanza.kind === 'iq' && stanza.isPlainResult && stanza.to === this.jid)
      this.#stream.send(stanza.resultText(this.#resultStart(stanza.from)))
    else this.#stream.send(stanza.toString())
  }

  /** Ends the session's stream; a session that has none ends at once. */
  close(error?: StreamError): void {
    if (this.isConnected) this.#stream.close(error)
    else this.end()
  }

  /** The stream is over: so is the session, unless its owner keeps it for a client that may come back. */
  ended(end: StreamEnd, stream: SessionStream, error?: StreamError): void {
    // The client may have gone on with another stream meanwhile.
    if (this.#hasEnded || stream !== this.#stream) return
    this.#fault = error
    this.#stream = noStream
    if (end === 'lost' && this.#owner.keeps(this)) return
    this.end()
  }

  /** Ends the session for good: tells the owner, once. */
  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#owner.ended(this)
  }

  /** Most results come from the same address, the server's. */
  #resultStart(from: Jid): string {
    if (this.#resultFrom !== from || this.#resultHead === undefined) {
      this.#resultFrom = from
      this.#resultHead = resultStart(from, this.jid)
    }
    return this.#resultHead
  }

  #headOf({ kind }: Message | Presence, to: Jid): string {
    if (kind === 'message') {
      this.#messageHead ??= headFor(kind, to)
      return this.#messageHead
    }
    if (to.isBare) {
      this.#barePresenceHead ??= headFor(kind, to)
      return this.#barePresenceHead
    }
    this.#presenceHead ??= headFor(kind, to)
    return this.#presenceHead
  }

  /** Whether there is a stream; a session without one waits for its client to come back. */
  get isConnected(): boolean {
    return this.#stream !== noStream
  }

  /** Goes on without a stream; the one that it has is somebody else's to end. */
  detach(): void {
    this.#stream = noStream
  }

  /** Goes on with another stream, on which the client has come back (XEP-0198 §5). */
  resume(stream: SessionStream): void {
    this.#fault = undefined
    this.#messageStart = undefined
    this.#stream = stream
  }

  /**
   * Says that a stanza has been dealt with, in order: when `pending`, its way through the server, is over, and what
   * has to keep it has kept it. The next one may come before that, but not any number of them.
   */
  #dealWith(pending: void | Promise<void>): void | Promise<void> {
    if (!pending) return this.#waitFor(this.receipts.take())
    // What is to be kept comes while it is on its way.
    const receipt = this.receipts.hold()
    const whenFull = this.#waitFor(receipt)
    const end = () => {
      this.receipts.take()
      receipt.release()
    }
    pending.then(end, end)
    return whenFull ?? pending
  }

  /** Resolves when the next stanza may be read, if that is not yet. */
  #waitFor(receipt: Receipt | undefined): void | Promise<void> {
    if (!this.#underway?.length && (!receipt || receipt.isDone)) return this.#owner.handled(this)
    this.#underway ??= []
    this.#underway.push({ receipt: receipt ?? new Receipt(), over: undefined })
    this.#goOn ??= () => this.#handleDone()
    receipt?.whenDone(this.#goOn)
    if (this.#underway.length >= maxInFlight) return this.underway
  }

  #handleDone(): void {
    const underway = this.#underway ?? []
    while (underway[0]?.receipt.isDone) {
      const first = underway.shift()
      this.#owner.handled(this)
      first?.over?.resolve()
    }
  }

  // RFC 6120 §8.1.2.1: the client's own full or bare address, or none.
  #checkFrom(element: Element): void {
    const from = element.attribute('from')
    if (from === undefined || from === this.jid.toString() || from === this.jid.bare.toString()) return
    throw new StreamError('invalid-from', 'that is not your address')
  }

  #refuse(element: Element, fault: StanzaFault): void {
    if (fault === 'not-a-stanza')
      throw new StreamError('unsupported-stanza-type', `no stanza: ${element.name}`)
    const meant = fault === 'bad-to' ? meantAddress(element.attribute('to')) : undefined
    const error = fault === 'bad-to' ? malformedTo(meant) : new StanzaError('bad-request', textByFault[fault])
    const reply = errorOf(this.#salvage(element), error, this.jid.bare)
    if (reply) this.send(reply.with({ from: meant ?? this.jid.bare }))
  }

  /** As much of a faulty stanza as is needed to answer it. */
  #salvage(element: Element): Stanza {
    const parts = {
      from: this.jid,
      id: element.attribute('id'),
      children: element.children,
    }
    if (element.attribute('type') === 'error') return new Message('error', parts)
    if (element.name === 'message') return new Message('normal', parts)
    if (element.name === 'presence') return new Presence('available', parts)
    return new Iq(element.attribute('type') === 'result' ? 'result' : 'get', parts)
  }
}

const textByFault = {
  'bad-from': 'the `from` is no address',
  'bad-iq': 'an iq has an id, and a request exactly one child element (RFC 6120 §8.2.3)',
  'bad-type': 'unknown `type`',
} as const

/** What is kept is hardly ever sent again as it is; the bytes of one would hold on to those of many. */
function withoutBytes({ type, from, id, lang, attributes, children }: Presence): Presence {
  return new Presence(type, { from, id, lang, attributes, children })
}

function headFor(kind: 'message' | 'presence', to: Jid): string {
  return inOnePiece(`<${kind} to='${escapeAttribute(to.toString())}'`)
}

function priorityOf(presence: Presence): number {
  const text = presence.child('priority')?.text.trim() ?? '0'
  if (!/^[+-]?\d{1,3}$/.test(text)) return 0
  return Math.max(-128, Math.min(127, Number(text)))
}
