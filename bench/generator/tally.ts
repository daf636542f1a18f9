// The account kept of one receiver and one sender: what came, and what is wrong with it.

/** What went wrong in a run; a run in which any of these is not 0 has failed. */
export interface Faults {
  readonly lost: number
  readonly doubled: number
  readonly outOfOrder: number
  /** Deliveries to somebody who was not meant. */
  readonly astray: number
}

/** Nothing is wrong. */
export const noFaults: Faults = Object.freeze({ lost: 0, doubled: 0, outOfOrder: 0, astray: 0 })

/** Checks that the stanzas 0, 1, 2, … of one sender come to one receiver, each once and in that order. */
export class Tally {
  /** Deliveries so far, doubled ones not counted. */
  delivered = 0
  #next = 0
  #doubled = 0
  #outOfOrder = 0
  readonly #missing = new Set<number>()

  /** Notes the delivery of a stanza; returns whether it is the first of this stanza. */
  take(sequence: number): boolean {
    if (sequence === this.#next) this.#next += 1
    else if (sequence > this.#next) this.#skipTo(sequence)
    else if (this.#missing.delete(sequence)) this.#outOfOrder += 1
    else {
      this.#doubled += 1
      return false
    }
    this.delivered += 1
    return true
  }

  #skipTo(sequence: number): void {
    for (let skipped = this.#next; skipped < sequence; skipped += 1) this.#missing.add(skipped)
    this.#next = sequence + 1
  }

  /** The account when `sent` stanzas were sent and no more are waited for. */
  faults(sent: number): Faults {
    return { lost: sent - this.delivered, doubled: this.#doubled, outOfOrder: this.#outOfOrder, astray: 0 }
  }
}

/** The faults of all accounts together. */
export function sumFaults(all: Iterable<Faults>): Faults {
  const sum = { ...noFaults }
  for (const { lost, doubled, outOfOrder, astray } of all) {
    sum.lost += lost
    sum.doubled += doubled
    sum.outOfOrder += outOfOrder
    sum.astray += astray
  }
  return sum
}
