// Finds the markers of the benchmark's stanzas in what a server sends, however the bytes are cut.

const senderDigits = 3
const sequenceDigits = 8
const markerLength = 1 + senderDigits + sequenceDigits

/** Stands in a stanza's text where the sequence number goes; as long as the number. */
export const sequencePlaceholder = 'N'.repeat(sequenceDigits)

/**
 * The marker of the stanzas of the sender with this index (0–999), with the placeholder for the number.
 * What it begins with occurs nowhere else in what is sent, and no serializer escapes it.
 */
export function marker(sender: number): string {
  return `^${String(sender).padStart(senderDigits, '0')}${sequencePlaceholder}`
}

/** Called once for every marker, in the order of the bytes. */
export type OnMarker = (sender: number, sequence: number) => void

/** Reads one connection's bytes and reports every marker in them. */
export class Scanner {
  readonly #onMarker: OnMarker
  readonly #carry = Buffer.alloc(markerLength)
  readonly #firstByte: number
  #carried = 0

  /** `first` is what markers begin with, where they are not those of `marker`. */
  constructor(onMarker: OnMarker, first = '^') {
    this.#onMarker = onMarker
    this.#firstByte = first.charCodeAt(0)
  }

  /** Takes the next bytes; keeps no reference to them. */
  push(chunk: Buffer): void {
    let at = this.#carried > 0 ? this.#completeCarried(chunk) : 0
    while (at < chunk.length) {
      const found = chunk.indexOf(this.#firstByte, at)
      if (found < 0) return
      at = found + markerLength
      if (at > chunk.length) this.#carried = chunk.copy(this.#carry, 0, found)
      else this.#report(chunk, found)
    }
  }

  /** Returns where in the chunk the carried marker ends. */
  #completeCarried(chunk: Buffer): number {
    const copied = chunk.copy(this.#carry, this.#carried, 0, markerLength - this.#carried)
    this.#carried += copied
    if (this.#carried < markerLength) return chunk.length
    this.#carried = 0
    this.#report(this.#carry, 0)
    return copied
  }

  #report(bytes: Buffer, start: number): void {
    const numberStart = start + 1 + senderDigits
    this.#onMarker(
      readDigits(bytes, start + 1, numberStart),
      readDigits(bytes, numberStart, start + markerLength),
    )
  }
}

function readDigits(bytes: Buffer, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at += 1) value = value * 10 + (bytes[at] as number) - 0x30
  return value
}

/** Overwrites the digits at `offset` with a sequence number. */
export function writeSequence(bytes: Buffer, offset: number, sequence: number): void {
  let rest = sequence
  for (let at = offset + sequenceDigits - 1; at >= offset; at -= 1) {
    bytes[at] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}
