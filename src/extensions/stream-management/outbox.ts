// XEP-0198 §4: what was sent and has not been acknowledged.
import type { Stanza } from '../../stanza/stanza.ts'
import { counterSpan } from './sm-elements.ts'

/** A stanza that was sent, and when, in milliseconds since 1970. */
export interface Unacknowledged {
  readonly stanza: Stanza
  readonly when: number
}

/** Stanzas that wait for their acknowledgement, oldest first. */
export class Outbox {
  #sent: number
  #waiting: readonly Unacknowledged[] = []
  #added: Unacknowledged[] = []
  #errors = 0
  #bytes = 0

  /** `sent` is what the counter begins with. */
  constructor(sent = 0) {
    this.#sent = sent
  }

  /** How many have been sent, as the counter says: it begins anew after 2^32 - 1. */
  get sent(): number {
    return this.#sent
  }

  get size(): number {
    return this.#waiting.length + this.#added.length
  }

  /** How long what waits is, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a message that waits says that something was refused. */
  get hasError(): boolean {
    return this.#errors > 0
  }

  get waiting(): readonly Unacknowledged[] {
    return this.#added.length === 0 ? this.#waiting : [...this.#waiting, ...this.#added]
  }

  add(stanza: Stanza, when: number): void {
    this.#added.push({ stanza, when })
    // Made for being written anyway, and once for all who are sent the same.
    this.#bytes += stanza.rest().length
    if (isError(stanza)) this.#errors += 1
    this.#sent = (this.#sent + 1) % counterSpan
  }

  /**
   * Forgets what is acknowledged, everything up to the `h`-th, and answers it. `undefined`, and nothing is forgotten,
   * if `h` is too high.
   */
  acknowledge(h: number): readonly Unacknowledged[] | undefined {
    const left = (this.#sent - h + counterSpan) % counterSpan
    if (left > this.size) return undefined
    const all = this.waiting
    this.#added = []
    // Usually everything.
    this.#waiting = left === 0 ? [] : all.slice(all.length - left)
    const acknowledged = left === 0 ? all : all.slice(0, all.length - left)
    for (const { stanza } of acknowledged) this.#bytes -= stanza.rest().length
    if (this.#errors > 0) this.#errors = countErrors(this.#waiting)
    return acknowledged
  }

  /** Takes what waits, so that nobody else deals with it. */
  takeAll(): readonly Unacknowledged[] {
    const all = this.waiting
    this.#waiting = []
    this.#added = []
    this.#errors = 0
    this.#bytes = 0
    return all
  }
}

function isError(stanza: Stanza): boolean {
  return stanza.kind === 'message' && stanza.type === 'error'
}

function countErrors(waiting: readonly Unacknowledged[]): number {
  let count = 0
  for (const { stanza } of waiting) if (isError(stanza)) count += 1
  return count
}
