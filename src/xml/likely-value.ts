// Values that are likely to come again: recognized by their bytes, so that their ends are not looked for, and each is one text.
import { interned } from '../base/interned.ts'

const longest = 64
const none = new Uint8Array(0)

/**
 * A value that came twice in a row where it may come again. What is cut out anew each time takes V8 longer to compare with another text, or
 * to look for in a map, than it takes to read it.
 */
export class LikelyValue {
  #text = ''
  /** Its bytes, with the quotes around them. */
  #bytes: Uint8Array = none
  /** What came last in place of it, roughly. */
  #other = 0

  /** The value whose first quote is at `at`, if it is this one. */
  match(bytes: Uint8Array, at: number, end: number): string | undefined {
    const own = this.#bytes
    if (own.length === 0 || at + own.length > end) return undefined
    for (let index = 0; index < own.length; index += 1) if (own[index] !== bytes[at + index]) return undefined
    return this.#text
  }

  /** Another value has come, with its quotes from `at` to `next`. */
  note(text: string, bytes: Uint8Array, at: number, next: number): void {
    // As it is written, then: white space around it, references and what is beyond ASCII would make the bytes more.
    if (text.length !== next - at - 2 || text.length === 0 || text.length > longest) return
    const other = text.length | ((bytes[at + 1] as number) << 8) | ((bytes[next - 2] as number) << 16)
    if (this.#other !== other) this.#other = other
    else {
      this.#text = interned(text)
      this.#bytes = new Uint8Array(bytes.subarray(at, next))
    }
  }
}

const groups = 128

/** The namespaces that elements of a name are likely to declare; a few names share one. */
export class LikelyNamespaces {
  readonly #values = Array.from({ length: groups }, () => new LikelyValue())

  of(name: string): LikelyValue {
    return this.#values[(name.charCodeAt(0) + 8 * name.length) % groups] as LikelyValue
  }
}
