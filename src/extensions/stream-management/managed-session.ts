// XEP-0198 §4: what one session has been sent and has not acknowledged, and what it has had dealt with.
import type { Timer } from '../../base/clock.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Stanza } from '../../stanza/stanza.ts'
import type { XmlStream } from '../../stream/stream.ts'
import { Outbox, type Unacknowledged } from './outbox.ts'
import { ackRequest, counterSpan } from './sm-elements.ts'

/** How a session counts. */
export interface ManagedParts {
  readonly id: string
  readonly isResumable: boolean
  readonly resumeMs: number
  /** What the counters begin with. */
  readonly handled?: number
  readonly sent?: number
}

/** A session that counts. */
export class ManagedSession {
  readonly session: ClientSession
  /** The SM-ID. */
  readonly id: string
  readonly isResumable: boolean
  /** How long it waits for its client, in milliseconds. */
  readonly resumeMs: number
  /** Ends the wait. */
  sleep: Timer | undefined
  /** Once it is over: resolves when what it was sent, and did not acknowledge, is somewhere else. */
  handingOver: Promise<void> | undefined
  /** What of its counter outlives the process. */
  keptCount: number | undefined
  /** Its counter is not kept any more. */
  isCountOver = false
  /** Resolves when what is being done to keep its counter is over. */
  keeping: Promise<void> | undefined
  /** Its counter goes to the database with what goes there next. */
  isCountDue = false
  /** How many wait for its counter to be kept as it is. */
  updates = 0
  /** It has sent a message that the counter that is kept does not count. */
  hasSaid = false
  /** It has left more unacknowledged than it may, and is about to end. */
  hasOverflowed = false
  #stream: XmlStream
  readonly outbox: Outbox
  #handled: number
  /** What it sent before it began to count, and has not been dealt with. */
  #uncounted: number
  #isAsked = false
  #isAboutToAsk = false
  #hasLostError = false

  constructor(session: ClientSession, stream: XmlStream, parts: ManagedParts) {
    this.session = session
    this.#stream = stream
    this.id = parts.id
    this.isResumable = parts.isResumable
    this.resumeMs = parts.resumeMs
    this.#handled = parts.handled ?? 0
    this.#uncounted = session.open
    this.outbox = new Outbox(parts.sent)
  }

  /** Stanzas of the client that have been dealt with. */
  get handled(): number {
    return this.#handled
  }

  /** What it will be when all that the client has sent has been dealt with. */
  get handledInTheEnd(): number {
    return (this.#handled + this.session.open - this.#uncounted) % counterSpan
  }

  /**
   * How many stanzas the client may be told were dealt with once the session is over, so that it does not send them
   * again; `undefined` if it was never told that one of them was refused.
   */
  get handledForSure(): number | undefined {
    return this.#hasLostError || this.outbox.hasError ? undefined : this.#handled
  }

  /** The same once all is kept that the storage has been asked to keep so far. */
  get handledSoon(): number | undefined {
    if (this.handledForSure === undefined) return undefined
    return (this.#handled + Math.max(0, this.session.beingKept - this.#uncounted)) % counterSpan
  }

  /** What it may be told: no more than is kept, where something is. */
  get told(): number {
    const { keptCount } = this
    return keptCount !== undefined && isReached(keptCount, this.#handled) ? keptCount : this.#handled
  }

  /** Whether its stanzas up to one of this number have been dealt with, and it may be told so. */
  mayBeTold(count: number): boolean {
    if (!isReached(count, this.#handled)) return false
    if (!this.isResumable || this.isCountOver) return true
    if (this.handledForSure === undefined) return this.keptCount === undefined && !this.keeping
    return this.keptCount !== undefined && isReached(count, this.keptCount)
  }

  /** Whether an error that was meant for the session is gone. */
  get hasLostError(): boolean {
    return this.#hasLostError
  }

  /** An error came for the session when it was over. */
  noteLostError(): void {
    this.#hasLostError = true
  }

  get stream(): XmlStream {
    return this.#stream
  }

  noteHandled(): void {
    if (this.#uncounted > 0) this.#uncounted -= 1
    else this.#handled = (this.#handled + 1) % counterSpan
  }

  /** Notes a stanza that is about to be written, and asks for an acknowledgement behind it. */
  noteSent(stanza: Stanza, when: number): void {
    this.outbox.add(stanza, when)
    this.#askSoon()
  }

  /** Forgets what the client has acknowledged, and answers it; `undefined` if that is more than it was sent. */
  acknowledge(h: number): readonly Unacknowledged[] | undefined {
    this.#isAsked = false
    return this.outbox.acknowledge(h)
  }

  /** Goes on with another stream, and sends again what is not acknowledged (§5). */
  resume(stream: XmlStream): void {
    this.sleep?.cancel()
    this.sleep = undefined
    this.#stream = stream
    this.#isAsked = false
    this.session.resume(stream)
    for (const { stanza } of this.outbox.waiting) this.session.write(stanza)
    if (this.outbox.size > 0) this.#askSoon()
  }

  /** One request at a time: the next one goes out with the first stanza after the answer. */
  #askSoon(): void {
    if (this.#isAsked || this.#isAboutToAsk) return
    this.#isAboutToAsk = true
    queueMicrotask(() => {
      this.#isAboutToAsk = false
      if (this.outbox.size === 0 || !this.session.isConnected) return
      this.#isAsked = true
      this.#stream.sendElement(ackRequest)
    })
  }
}

/** Whether a counter that goes on at 0 behind the greatest number has come as far as `count`, or farther. */
function isReached(count: number, by: number): boolean {
  return (by - count + counterSpan) % counterSpan < counterSpan / 2
}
