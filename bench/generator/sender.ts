// Sends one client's numbered stanzas from bytes that are built beforehand.
import type { Connection } from './connection.ts'
import { sequencePlaceholder, writeSequence } from './scanner.ts'

/** Writes stanzas 0, 1, 2, … of one template, never more than `window` of them on their way. */
export class Sender {
  /** Stanzas written so far. */
  sent = 0
  readonly #connection: Connection
  readonly #window: number
  readonly #stanzaBytes: number
  readonly #numberOffsets: readonly number[]
  /** `window` stanzas side by side. A slot is overwritten when its stanza has been delivered, so it is not in use. */
  readonly #slots: Buffer

  /** The template is a stanza with `sequencePlaceholder` wherever its number goes. */
  constructor(connection: Connection, template: string, window: number) {
    const stanza = Buffer.from(template)
    this.#connection = connection
    this.#window = window
    this.#stanzaBytes = stanza.length
    this.#numberOffsets = offsetsOf(stanza, sequencePlaceholder)
    this.#slots = Buffer.concat(Array.from({ length: window }, () => stanza))
  }

  /** Writes the next `count` stanzas; the caller knows that they fit in the window. */
  send(count: number): void {
    let left = count
    while (left > 0) {
      const slot = this.sent % this.#window
      const together = Math.min(left, this.#window - slot)
      for (let index = 0; index < together; index += 1) this.#number(slot + index, this.sent + index)
      this.sent += together
      left -= together
      const start = slot * this.#stanzaBytes
      this.#connection.write(this.#slots.subarray(start, start + together * this.#stanzaBytes))
    }
  }

  #number(slot: number, sequence: number): void {
    for (const offset of this.#numberOffsets) {
      writeSequence(this.#slots, slot * this.#stanzaBytes + offset, sequence)
    }
  }
}

function offsetsOf(bytes: Buffer, text: string): number[] {
  const offsets: number[] = []
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) offsets.push(at)
  return offsets
}
