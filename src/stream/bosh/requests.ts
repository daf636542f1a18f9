// XEP-0124 §14.2: requests by their ids: which is due, which came early, which are held.
import type { RequestBody } from './body.ts'

/** One HTTP request, and the way to answer it. */
export interface Exchange {
  readonly body: RequestBody
  /** Whether its connection has gone, so that no answer arrives. */
  readonly isLost: boolean
  /** Answers, once. */
  answer(status: number, body: Uint8Array): void
}

/** A request that has not been answered. */
export interface Unanswered {
  exchange: Exchange
  readonly rid: number
  /** When it came. */
  readonly atMs: number
}

/** Where an id stands: due now, to come later, here already, answered or forgotten, or beyond all that may come. */
export type Place = 'due' | 'early' | 'here' | 'past' | 'beyond'

/** The requests of one session that have not been answered. */
export class Requests {
  readonly #most: number
  readonly #early = new Map<number, Unanswered>()
  /** Have been due; oldest first. */
  readonly #held: Unanswered[] = []
  #nextRid: number

  /** `most` may be under way at a time. */
  constructor(firstRid: number, most: number) {
    this.#nextRid = firstRid
    this.#most = most
  }

  /** How many have been due and are not answered. */
  get held(): number {
    return this.#held.length
  }

  /** How many are not answered. */
  get size(): number {
    return this.#held.length + this.#early.size
  }

  /** The highest id up to which all have come. */
  get lastRid(): number {
    return this.#nextRid - 1
  }

  get oldest(): Unanswered | undefined {
    return this.#held[0]
  }

  /** The oldest one to which an answer can be given. */
  get oldestAlive(): Unanswered | undefined {
    return this.#held.find(({ exchange }) => !exchange.isLost)
  }

  placeOf(rid: number): Place {
    if (rid === this.#nextRid) return 'due'
    if (rid > this.#nextRid) {
      if (rid > this.lastRid + this.#most) return 'beyond'
      return this.#early.has(rid) ? 'here' : 'early'
    }
    return this.#held.some((request) => request.rid === rid) ? 'here' : 'past'
  }

  /** Keeps one that is early or due. */
  add(exchange: Exchange, atMs: number): void {
    const { rid } = exchange.body
    this.#early.set(rid, { exchange, rid, atMs })
  }

  /** Takes the one that is due, if it has come. */
  due(): Unanswered | undefined {
    const request = this.#early.get(this.#nextRid)
    if (!request) return undefined
    this.#early.delete(this.#nextRid)
    this.#nextRid += 1
    this.#held.push(request)
    return request
  }

  /** The key of a request that is here (XEP-0124 §15). */
  keyOf(rid: number): string | undefined {
    return this.#find(rid)?.exchange.body.key
  }

  /** Puts a request in the place of an earlier one with the same id, which is answered. */
  replace(exchange: Exchange): Exchange | undefined {
    const request = this.#find(exchange.body.rid)
    const before = request?.exchange
    if (request) request.exchange = exchange
    return before
  }

  /** Takes the oldest one, to answer it. */
  shift(): Unanswered | undefined {
    return this.#held.shift()
  }

  /** Takes all, oldest first. */
  takeAll(): Unanswered[] {
    const early = [...this.#early.values()].sort((one, other) => one.rid - other.rid)
    this.#early.clear()
    return [...this.#held.splice(0), ...early]
  }

  #find(rid: number): Unanswered | undefined {
    return this.#early.get(rid) ?? this.#held.find((held) => held.rid === rid)
  }
}
