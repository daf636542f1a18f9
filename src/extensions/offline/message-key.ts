// Under what a message waits.

// Digits that keep the order of numbers as text for the next ten thousand years.
const timeDigits = 15
const countDigits = 9

/** When a message came, and as which one since the start. Few are ever written, and so few become text. */
export class MessageKey {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly number: number

  constructor(time: number, number: number) {
    this.time = time
    this.number = number
  }

  /** The key that has that `text`. */
  static of(text: string): MessageKey {
    return new MessageKey(Number(text.slice(0, timeDigits)), Number(text.slice(timeDigits + 1)))
  }

  /** In the order in which messages came. */
  get text(): string {
    const time = String(this.time).padStart(timeDigits, '0')
    return `${time}-${String(this.number).padStart(countDigits, '0')}`
  }

  equals(other: MessageKey): boolean {
    return this.number === other.number && this.time === other.time
  }
}
