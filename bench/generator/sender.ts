// Sends one client's numbered stanzas from bytes that are built beforehand.
import type { Connection } from './connection.ts'
import { type Encoded, mask } from './encoding.ts'
import { sequencePlaceholder, writeSequence } from './scanner.ts'

/** Writes stanzas 0, 1, 2, … of one template, never more than `window` of them on their way. */
export class Sender {
  /** Stanzas written so far. */
  sent = 0
  readonly #connection: Connection
  readonly #window: number
  readonly #encoded: Encoded
  readonly #stanzaBytes: number
  readonly #numberOffsets: readonly number[]
  /** `window` stanzas side by side. A slot is overwritten when its stanza has been delivered, so it is not in use. */
  readonly #slots: Buffer

  /** The template is a stanza with `sequencePlaceholder` wherever its number goes. */
  constructor(connection: Connection, template: string, window: number) {
    const encoded = connection.encode(template)
    const { bytes } = encoded
    mask(bytes, encoded.start, bytes.length - encoded.start, encoded)
    this.#connection = connection
    this.#window = window
    this.#encoded = encoded
    this.#stanzaBytes = bytes.length
    this.#numberOffsets = offsetsOf(bytes, sequencePlaceholder)
    mask(bytes, encoded.start, bytes.length - encoded.start, encoded)
    this.#slots = Buffer.concat(Array.from({ length: window }, () => bytes))
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
    const stanza = this.#slots.subarray(slot * this.#stanzaBytes, (slot + 1) * this.#stanzaBytes)
    for (const offset of this.#numberOffsets) {
      writeSequence(stanza, offset, sequence)
      mask(stanza, offset, sequencePlaceholder.length, this.#encoded)
    }
  }
}

function offsetsOf(bytes: Buffer, text: string): number[] {
  const offsets: number[] = []
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) offsets.push(at)
  return offsets
}
