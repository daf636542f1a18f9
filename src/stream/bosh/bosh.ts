// XEP-0124, XEP-0206: a stream over HTTP requests that are held until there is something to say.
import type { Clock, Timer } from '../../base/clock.ts'
import { serialize } from '../../xml/serialize.ts'
import type { Framing } from '../framing.ts'
import type { AnswerHeader } from '../header.ts'
import { MessageGate } from '../message-gate.ts'
import type { StreamError } from '../stream-error.ts'
import type { Transport, TransportReceiver } from '../transport.ts'
import { Answers } from './answers.ts'
import type { RequestBody } from './body.ts'
import { conditionOf, otherUri, type TerminalCondition } from './end.ts'
import { KeySequence } from './keys.ts'
import type { BoshLimits } from './limits.ts'
import { type Exchange, type Place, Requests } from './requests.ts'
import { closeMessage, openMessage } from './stream-messages.ts'
import { type Terms, termsOf } from './terms.ts'
import { isEmpty, isTooOften } from './too-often.ts'

/** What a session is made of. */
export interface BoshParts {
  readonly sid: string
  readonly remoteAddress: string
  readonly isSecure: boolean
  readonly limits: BoshLimits
  readonly clock: Clock
  /** The session is over; requests for it find nothing any more. */
  onEnd(): void
}

/** Bytes that may wait while the stream reads nothing. */
const incomingLimitBytes = 1024 * 1024

/** A session as a transport. */
export class BoshSession implements Transport, Framing {
  readonly remoteAddress: string
  readonly isSecure: boolean
  readonly headBytes = 0
  readonly #parts: BoshParts
  readonly #first: RequestBody
  readonly #terms: Terms
  readonly #keys = new KeySequence()
  readonly #requests: Requests
  readonly #answers: Answers
  readonly #incoming = new MessageGate((message) => this.#receiver?.onBytes(message))
  #receiver: TransportReceiver | undefined
  #outgoing: Uint8Array[] = []
  #outgoingBytes = 0
  #inactivitySeconds: number
  #idleSinceMs: number
  #last: { readonly atMs: number; readonly isEmpty: boolean } | undefined
  #error: StreamError | undefined
  #state: 'open' | 'ending' | 'closed' = 'open'
  #isSettling = false
  #isTrusted = false
  #timer: Timer | undefined

  /** Of the request that asks for a session; give it to `take` once there is a receiver. */
  constructor(first: RequestBody, parts: BoshParts) {
    this.#parts = parts
    this.#first = first
    this.remoteAddress = parts.remoteAddress
    this.isSecure = parts.isSecure
    this.#terms = termsOf(first, parts.limits)
    this.#requests = new Requests(first.rid, this.#terms.requests)
    this.#answers = new Answers(first, parts.sid, this.#terms, parts.limits.repeats)
    this.#inactivitySeconds = this.#terms.inactivitySeconds
    this.#idleSinceMs = parts.clock.now()
  }

  get framing(): Framing {
    return this
  }

  get bufferedBytes(): number {
    return this.#outgoingBytes
  }

  receive(receiver: TransportReceiver): void {
    this.#receiver = receiver
  }

  /** Takes a request of this session. */
  take(exchange: Exchange): void {
    const place = this.#requests.placeOf(exchange.body.rid)
    if (this.#state !== 'closed') this.#receiver?.onBytes(nothing)
    if (this.#state === 'closed') this.#answers.refuse(exchange, 'item-not-found')
    else if (place === 'beyond') this.#fail('item-not-found', exchange)
    else if (!this.#isFromSame(exchange.body, place)) this.#answers.refuse(exchange, 'item-not-found')
    else if (place === 'past') this.#repeat(exchange)
    else if (place === 'here') this.#replace(exchange)
    else this.#takeNew(exchange)
  }

  /** Whether this is the session of somebody who has logged in and bound a resource. */
  get isTrusted(): boolean {
    return this.#isTrusted
  }

  /** The connection of a request has gone before it was answered. */
  lost(): void {
    if (this.#requests.oldestAlive) return
    this.#idleSinceMs = this.#parts.clock.now()
    this.#arm()
  }

  write(bytes: Uint8Array | string): boolean {
    return this.send(Buffer.from(bytes as Uint8Array))
  }

  encode(text: string, rest: Uint8Array, room: Buffer, at: number): number {
    const textBytes = room.write(text, at)
    room.set(rest, at + textBytes)
    return textBytes + rest.length
  }

  send(elements: Uint8Array): boolean {
    if (this.#state !== 'open') return true
    this.#outgoing.push(elements)
    this.#outgoingBytes += elements.length
    // Not at once: it may be the last that is said, and the end of the session goes with it.
    if (!this.#isSettling) queueMicrotask(this.#settle)
    this.#isSettling = true
    return false
  }

  header(header: AnswerHeader): readonly string[] {
    this.#answers.header = header
    return []
  }

  footer(error: StreamError | undefined, errorTexts: readonly string[]): readonly string[] {
    this.#error = error
    const uri = otherUri(error)
    return uri === undefined ? errorTexts : [uri]
  }

  /** Nothing: requests are signs of life, and answered after the time that was agreed. */
  keepAlive(): void {}

  trust(): void {
    this.#isTrusted = true
  }

  pause(): void {
    this.#incoming.pause()
  }

  resume(): void {
    this.#incoming.resume()
    if (this.#incoming.bytes === 0) setImmediate(this.#settle)
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    if (this.#requests.oldestAlive) this.#finish()
  }

  destroy(): void {
    if (this.#state === 'closed') return
    this.#takeOutgoing()
    this.#end('remote-connection-failed')
  }

  // XEP-0124 §15: who only knows the id of the session cannot get, by asking again, what others asked for.
  #isFromSame({ rid, key }: RequestBody, place: Place): boolean {
    if (place === 'here') return this.#requests.keyOf(rid) === key
    return place !== 'past' || this.#answers.keyOf(rid) === key
  }

  #takeNew(exchange: Exchange): void {
    const { body } = exchange
    const atMs = this.#parts.clock.now()
    this.#requests.add(exchange, atMs)
    const { size: unanswered } = this.#requests
    const { lastWasEmpty: lastAnswerWasEmpty } = this.#answers
    if (isTooOften(body, this.#terms, { atMs, unanswered, last: this.#last, lastAnswerWasEmpty })) {
      this.#fail('policy-violation')
      return
    }
    this.#last = { atMs, isEmpty: isEmpty(body) }
    for (let due = this.#requests.due(); due && this.#state === 'open'; due = this.#requests.due())
      this.#process(due.exchange.body)
    if (this.#state === 'ending') this.#finish()
    // What the stream answers comes at the end of this turn.
    else setImmediate(this.#settle)
  }

  /** Deals with what is due, in the order of the ids. */
  #process(body: RequestBody): void {
    const pauseSeconds = body.pauseSeconds ?? this.#terms.inactivitySeconds
    if (!this.#keys.accepts(body)) this.#fail('item-not-found')
    else if (pauseSeconds > Math.max(this.#terms.inactivitySeconds, this.#terms.maxPauseSeconds))
      this.#fail('policy-violation')
    else {
      this.#answers.noteAck(body, this.#parts.clock.now())
      this.#inactivitySeconds = pauseSeconds
      this.#passOn(body)
      if (this.#incoming.bytes > incomingLimitBytes) this.#fail('policy-violation')
      else if (body.pauseSeconds !== undefined) this.#answerAll()
    }
  }

  #passOn(body: RequestBody): void {
    if (body === this.#first || body.isRestart) this.#incoming.take(openMessage(body, this.#first))
    // XEP-0206 §5: what comes with a restart is not looked at.
    if (!body.isRestart)
      for (const payload of body.payloads) this.#incoming.take(Buffer.from(serialize(payload)))
    if (body.type === 'terminate') this.#incoming.take(closeMessage)
  }

  // XEP-0124 §14.3.
  #repeat(exchange: Exchange): void {
    const outcome = this.#answers.repeat(exchange)
    if (outcome === 'unknown') this.#fail('item-not-found', exchange)
    else if (outcome === 'too-often') this.#fail('policy-violation', exchange)
  }

  #replace(exchange: Exchange): void {
    const before = this.#requests.replace(exchange)
    if (before && !before.isLost) this.#answers.recover(before)
    if (this.#state === 'ending') this.#finish()
    else setImmediate(this.#settle)
  }

  /** Answers what is to be answered now, and looks when the next thing is due. */
  readonly #settle = (): void => {
    this.#isSettling = false
    while (this.#state === 'open' && this.#requests.oldest && this.#isToAnswer()) this.#answerOldest()
    if (this.#state === 'open') this.#arm()
  }

  #isToAnswer(): boolean {
    const { held, oldest } = this.#requests
    // A request whose connection is lost is answered when a later one has come, for the client to ask for it again.
    if (oldest?.exchange.isLost) return held > 1
    if (this.#outgoing.length > 0) return true
    if (!this.#answers.hasCreated || this.#incoming.bytes > 0) return false
    return held > this.#terms.hold || this.#terms.isPolling || this.#answers.hasReport
  }

  #answerOldest(): void {
    const request = this.#requests.shift()
    if (!request) return
    const payloads = request.exchange.isLost ? [] : this.#takeOutgoing()
    const now = this.#parts.clock.now()
    this.#idleSinceMs = now
    this.#answers.give(request, payloads, { lastRid: this.#requests.lastRid, now })
    if (payloads.length > 0) this.#receiver?.onDrain()
  }

  /** XEP-0124 §10: answers everything with nothing, for the client is about to be away. */
  #answerAll(): void {
    const now = this.#parts.clock.now()
    const { lastRid } = this.#requests
    for (const request of this.#requests.takeAll()) this.#answers.give(request, [], { lastRid, now })
    this.#idleSinceMs = now
  }

  #takeOutgoing(): Uint8Array[] {
    const outgoing = this.#outgoing
    this.#outgoing = []
    this.#outgoingBytes = 0
    return outgoing
  }

  #arm(): void {
    this.#timer?.cancel()
    const oldest = this.#requests.oldestAlive
    const dueMs = oldest
      ? oldest.atMs + this.#terms.waitSeconds * 1000
      : this.#idleSinceMs + this.#inactivitySeconds * 1000
    const waitMs = Math.max(0, dueMs - this.#parts.clock.now())
    this.#timer = this.#parts.clock.after(waitMs, () => this.#timeOut())
  }

  #timeOut(): void {
    const alive = this.#requests.oldestAlive
    if (alive) {
      while (this.#requests.oldest && this.#requests.oldest !== alive) this.#answerOldest()
      this.#answerOldest()
      this.#settle()
    }
    // XEP-0124 §10: without telling anybody.
    else this.#close(new Error('no request has come'))
  }

  /** The client has broken the rules; the stream is lost with the session. */
  #fail(condition: TerminalCondition, exchange?: Exchange): void {
    this.#takeOutgoing()
    if (exchange) this.#answers.refuse(exchange, condition)
    this.#end(condition)
  }

  /** The stream has ended: the oldest request is told so, with all that is left to say. */
  #finish(): void {
    this.#end(this.#error && conditionOf(this.#error))
  }

  #end(condition: TerminalCondition | undefined): void {
    const payloads = this.#takeOutgoing()
    this.#answers.end(this.#requests.takeAll(), payloads, condition)
    this.#close()
  }

  #close(error?: Error): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#timer?.cancel()
    this.#incoming.clear()
    this.#parts.onEnd()
    queueMicrotask(() => this.#receiver?.onClose(error))
  }
}

const nothing = Buffer.alloc(0)
