// XEP-0124 §8, §9, §14.3: what requests are answered with, and what of it is kept to be said again.
import { forgetOldest } from '../../base/forget-oldest.ts'
import type { AnswerHeader } from '../header.ts'
import { type BodyAttributes, type RequestBody, writeBody } from './body.ts'
import { statusOf, type TerminalCondition } from './end.ts'
import type { Exchange, Unanswered } from './requests.ts'
import { creationAttributes, type Terms } from './terms.ts'

interface Kept {
  readonly bytes: Buffer
  /** What the request had for a key. */
  readonly key: string | undefined
  readonly atMs: number
  repeats: number
}

const ok = 200

/** The answers of one session. */
export class Answers {
  /** What the stream says of itself, once it does. */
  header: AnswerHeader | undefined
  readonly #first: RequestBody
  readonly #sid: string
  readonly #terms: Terms
  readonly #mostRepeats: number
  readonly #keptByRid = new Map<number, Kept>()
  #hasCreated = false
  #lastWasEmpty = false
  #report: { readonly report: number; readonly time: number } | undefined

  /** `first` is the request that asks for the session; each answer is given again up to `mostRepeats` times. */
  constructor(first: RequestBody, sid: string, terms: Terms, mostRepeats: number) {
    this.#first = first
    this.#sid = sid
    this.#terms = terms
    this.#mostRepeats = mostRepeats
  }

  /** Whether the first request has been answered. */
  get hasCreated(): boolean {
    return this.#hasCreated
  }

  /** Whether the last answer brought nothing. */
  get lastWasEmpty(): boolean {
    return this.#lastWasEmpty
  }

  /** Whether the client seems to have missed an answer and is to be told so. */
  get hasReport(): boolean {
    return this.#report !== undefined
  }

  /** Answers a request. `lastRid` is the highest id up to which all have come, `now` is in milliseconds. */
  give(
    { exchange, rid }: Unanswered,
    payloads: readonly Uint8Array[],
    { lastRid, now }: { readonly lastRid: number; readonly now: number },
  ): void {
    const bytes = writeBody({ ...this.#beginning(), ...this.#report, ...this.#ack(rid, lastRid) }, payloads)
    this.#report = undefined
    this.#lastWasEmpty = payloads.length === 0
    this.#keep(rid, { bytes, key: exchange.body.key, atMs: now, repeats: 0 })
    exchange.answer(ok, bytes)
  }

  /** The key of a request that was answered not long ago. */
  keyOf(rid: number): string | undefined {
    return this.#keptByRid.get(rid)?.key
  }

  /** Gives the same answer as before to a request that has come before. */
  repeat(exchange: Exchange): 'repeated' | 'unknown' | 'too-often' {
    const kept = this.#keptByRid.get(exchange.body.rid)
    if (!kept) return 'unknown'
    kept.repeats += 1
    if (kept.repeats > this.#mostRepeats) return 'too-often'
    exchange.answer(ok, kept.bytes)
    return 'repeated'
  }

  /** XEP-0124 §17.3: another request with the same id has come, and is answered instead. */
  recover(exchange: Exchange): void {
    exchange.answer(ok, writeBody({ type: 'error' }, []))
  }

  /** Tells one request that the session is over, or never was. */
  refuse(exchange: Exchange, condition: TerminalCondition): void {
    const status = statusOf(condition, this.#terms.isLegacy)
    exchange.answer(status, writeBody({ type: 'terminate', condition }, []))
  }

  /** XEP-0124 §13: the oldest request is told that the session is over, and why; the others are answered with nothing. */
  end(
    requests: readonly Unanswered[],
    payloads: readonly Uint8Array[],
    condition: TerminalCondition | undefined,
  ): void {
    const told = requests.find(({ exchange }) => !exchange.isLost)
    const status = statusOf(condition, this.#terms.isLegacy)
    const attributes = { ...this.#beginning(), type: 'terminate', condition }
    for (const request of requests) {
      if (request === told) request.exchange.answer(status, writeBody(attributes, payloads))
      else request.exchange.answer(ok, writeBody({}, []))
    }
  }

  /** XEP-0124 §9.2: looks whether the client has missed an answer that it should have. */
  noteAck({ ack, rid }: RequestBody, now: number): void {
    if (!this.#terms.usesAcks || ack === undefined || rid === this.#first.rid) return
    const missing = this.#keptByRid.get(ack + 1)
    if (missing) this.#report = { report: ack + 1, time: now - missing.atMs }
  }

  #beginning(): BodyAttributes {
    if (this.#hasCreated) return {}
    this.#hasCreated = true
    return creationAttributes(this.#first, this.#sid, this.#terms, this.header)
  }

  #ack(rid: number, lastRid: number): BodyAttributes {
    return this.#terms.usesAcks && rid !== this.#first.rid && lastRid > rid ? { ack: lastRid } : {}
  }

  #keep(rid: number, kept: Kept): void {
    this.#keptByRid.set(rid, kept)
    if (this.#keptByRid.size > this.#terms.requests + 1) forgetOldest(this.#keptByRid)
  }
}
