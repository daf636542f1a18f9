// What a character has received and the script has not asked for yet, and which of it a `receives` may take.
import type { Element } from '../xml/element.ts'
import { type Captures, match } from './match.ts'

/**
 * How strictly the order of arrival counts. `script`: what the last action provoked must come as the script
 * says, leftovers of earlier actions may be passed over. `exact`: each `receives` takes the next stanza.
 * `any`: the first match anywhere.
 */
export type Order = 'script' | 'exact' | 'any'

/** All orders, the usual one first. */
export const orders = ['script', 'exact', 'any'] as const satisfies readonly Order[]

/** What an inbox has to say to a `receives`. */
export type Answer =
  | { readonly kind: 'match'; readonly stanza: Element; readonly captures: Captures }
  | { readonly kind: 'mismatch'; readonly stanza: Element }
  | { readonly kind: 'wait' }

/** Stanzas an inbox holds; past that the oldest are forgotten. */
const inboxLimit = 10_000
/** Stanzas passed over that are kept to be shown. */
const passedLimit = 20

interface Arrival {
  readonly stanza: Element
  /** Number of the action (sends, connects, disconnects) that was the last begun when it came. */
  readonly action: number
}

/** One character's inbox. */
export class Inbox {
  #arrivals: Arrival[] = []
  /** Passed over since the last match, kept only to be shown. */
  readonly #passed: Element[] = []

  /** Adds a stanza that came after action number `action` began and before the next did. */
  add(stanza: Element, action: number): void {
    this.#arrivals.push({ stanza, action })
    if (this.#arrivals.length > inboxLimit) this.#arrivals.shift()
  }

  /** Forgets everything. */
  clear(): void {
    this.#arrivals = []
    this.#passed.length = 0
  }

  /** What is there to be shown when nothing matched: passed over or still waiting, oldest first. */
  get leftovers(): readonly Element[] {
    return [...this.#passed, ...this.#arrivals.map((arrival) => arrival.stanza)]
  }

  /** The first stanza that action number `action` or a later one provoked. */
  fresh(action: number): Element | undefined {
    return this.#arrivals.find((arrival) => arrival.action >= action)?.stanza
  }

  /** Takes what `expected` asks for, by the rule of `order`; `action` is the number of the last action begun. */
  take(expected: Element, order: Order, action: number): Answer {
    return order === 'any' ? this.#takeAny(expected) : this.#takeInOrder(expected, order, action)
  }

  #takeAny(expected: Element): Answer {
    for (const [index, { stanza }] of this.#arrivals.entries()) {
      const captures = match(expected, stanza)
      if (!captures) continue
      this.#arrivals.splice(index, 1)
      return { kind: 'match', stanza, captures }
    }
    return { kind: 'wait' }
  }

  #takeInOrder(expected: Element, order: Order, action: number): Answer {
    for (let next = this.#arrivals.shift(); next; next = this.#arrivals.shift()) {
      const { stanza } = next
      const captures = match(expected, stanza)
      if (captures) {
        this.#passed.length = 0
        return { kind: 'match', stanza, captures }
      }
      if (order === 'exact' || next.action >= action) return { kind: 'mismatch', stanza }
      // Dropped, so that it cannot satisfy a later step.
      this.#passed.push(stanza)
      if (this.#passed.length > passedLimit) this.#passed.shift()
    }
    return { kind: 'wait' }
  }
}
