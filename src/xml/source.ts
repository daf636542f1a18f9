// The bytes that have come and are not read yet, in one piece, and what is known about the token they begin with.
import type { XmlFault, XmlFaultCondition } from './fault.ts'
import type { LikelyNamespaces } from './likely-value.ts'
import type { XmlLimits } from './limits.ts'

// What `toString('latin1')` calls once it has found out the encoding, which takes as long as the rest.
declare global {
  interface Buffer {
    latin1Slice(start: number, end: number): string
  }
}

// `Buffer` is found by a getter each time.
const { allocUnsafe, isBuffer } = Buffer
const nothing: Buffer = Buffer.alloc(0)
const windowBytes = 1024
const standaloneBytes = 256
const lt = 0x3c
const gt = 0x3e
const apostrophe = 0x27
const quotes = 0x22

/**
 * Unread bytes. While all that comes is read at once they are the peer's chunk itself; what is left over is
 * copied, so that neither a buffer that its owner will fill again nor a large slab is held on to.
 */
export class Source {
  /** The limits in force. */
  limits: XmlLimits
  /** Shared by all who read the same kind of thing. */
  readonly likely: LikelyNamespaces | undefined
  bytes: Buffer = nothing
  /** Index of the next unread byte. */
  at = 0
  /** Index behind the last byte. */
  length = 0
  /** Index up to which may be read: `length`, or less where the limit of an element comes first. */
  end = 0
  /** How many bytes came before `bytes[0]`. */
  base = 0
  fault: XmlFault | undefined
  /** How much of the token at `at`, which was not whole, has been searched for its end. */
  searched = 0
  /** What the part of a text that was searched holds (see text.ts). */
  holds = 0
  #attempted = 0
  #openQuote = 0
  /** Index at which the limit of the element is. */
  #bound = 0
  /** Index at which the element begins; less than 0 if it cannot be copied. */
  #start = -1
  #isOwn = false
  #window = ''
  #windowStart = 0
  #windowEnd = 0

  constructor(limits: XmlLimits, likely?: LikelyNamespaces) {
    this.limits = limits
    this.likely = likely
  }

  /** Adds a chunk; indexes taken before may be void. */
  append(chunk: Uint8Array): void {
    if (this.at === this.length) {
      this.#rebase(this.length)
      this.bytes = isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      this.at = 0
      this.length = chunk.length
      this.#isOwn = false
    } else {
      this.#makeRoom(chunk.length)
      this.bytes.set(chunk, this.length)
      this.length += chunk.length
    }
    this.#windowEnd = 0
    this.#keepToLimit()
  }

  /** To be called when reading pauses: copies what is unread and lets go of all else. */
  settle(): void {
    if (this.at === this.length) this.#release()
    else {
      if (!this.#isOwn) {
        this.#makeRoom(0)
        this.#keepToLimit()
      }
      this.#closeWindow()
    }
  }

  /** Throws away what is unread. */
  clear(): void {
    this.#release()
    this.forget()
  }

  /** ASCII bytes as a string. Short strings share the memory of a window; none holds on to more than that. */
  ascii(start: number, end: number): string {
    if (start < this.#windowStart || end > this.#windowEnd) {
      if (end - start > standaloneBytes) return this.bytes.latin1Slice(start, end)
      this.#openWindow(start)
    }
    return this.#window.substring(start - this.#windowStart, end - this.#windowStart)
  }

  #openWindow(start: number): void {
    this.#windowStart = start
    this.#windowEnd = Math.min(this.length, start + windowBytes)
    this.#window = this.bytes.latin1Slice(start, this.#windowEnd)
  }

  /** A top-level element begins at `at`. */
  beginElement(): void {
    this.#start = this.at
    this.#bound = this.at + this.limits.elementBytes
    this.#keepToLimit()
  }

  /** The element does not mean the same elsewhere, or is not written as we would write it: it is not to be copied. */
  bindElement(): void {
    this.#start = -1
  }

  /** A copy of the element that ends at `at`, without its first bytes; `undefined` if there is none to be had. */
  copyElement(without: number): Buffer | undefined {
    if (this.#start < 0) return undefined
    const start = this.#start + without
    const copy = allocUnsafe(this.at - start)
    this.bytes.copy(copy, 0, start, this.at)
    return copy
  }

  /** Takes so many bytes off what the element may still have. */
  charge(bytes: number): void {
    this.#bound -= bytes
    this.#keepToLimit()
  }

  /** Whether nothing has been found out about the token at `at`. */
  get isUntouched(): boolean {
    return this.#attempted === 0
  }

  /** The token at `at` ends before `next`, and has been read. */
  finish(next: number): void {
    this.at = next
    if (this.#attempted !== 0 || this.holds !== 0) this.forget()
  }

  /** Forgets what was found out about a token that is not whole. */
  forget(): void {
    this.searched = 0
    this.holds = 0
    this.#attempted = 0
    this.#openQuote = 0
  }

  /** The text at `at` goes on behind `end`; `searched` bytes of it need not be looked at again. Always false. */
  wait(searched: number): false {
    this.searched = searched
    return this.waitForTag()
  }

  /** The tag at `at` goes on behind `end`. Always false. */
  waitForTag(): false {
    if (this.end < this.length)
      return this.refuse('policy-violation', 'an element with too many bytes', this.end)
    this.#attempted = this.end - this.at
    return false
  }

  /** Whether to read the tag at `at`: it is new, its end has come or it has doubled. Looks at new bytes only. */
  isWorthwhile(): boolean {
    if (this.#attempted === 0) return true
    const { bytes, at, end } = this
    let index = at + (this.searched || 1)
    let quote = this.#openQuote
    for (; index < end; index += 1) {
      const byte = bytes[index]
      if (byte === lt || (byte === gt && quote === 0)) return true
      if (quote === 0) {
        if (byte === apostrophe || byte === quotes) quote = byte
      } else if (byte === quote) quote = 0
    }
    this.#openQuote = quote
    this.searched = index - at
    return this.searched >= 2 * this.#attempted
  }

  /** Notes what is wrong, unless something was wrong before. Always false. */
  refuse(condition: XmlFaultCondition, text: string, at: number): false {
    this.fault ??= Object.freeze({ condition, text, offset: this.base + at })
    return false
  }

  /** Notes that the character at `at` may not stand in XML, or is none. */
  refuseCharacter(at: number): false {
    const isAscii = (this.bytes[at] as number) < 0x80
    return this.refuse(
      'not-well-formed',
      isAscii ? 'a character that is not allowed in XML' : 'bytes that are no UTF-8, or no character of XML',
      at,
    )
  }

  #keepToLimit(): void {
    this.end = Math.min(this.length, this.#bound)
  }

  /** The bytes from `start` on become the first ones; all that is kept of an index goes by that. */
  #rebase(start: number): void {
    this.base += start
    this.#bound -= start
    this.#start -= start
  }

  #release(): void {
    this.#rebase(this.length)
    this.bytes = nothing
    this.at = 0
    this.length = 0
    this.#isOwn = false
    this.#closeWindow()
  }

  #closeWindow(): void {
    this.#window = ''
    this.#windowEnd = 0
  }

  // A buffer is moved or replaced only after as many bytes were added as are moved: linear in all.
  #makeRoom(more: number): void {
    const unread = this.length - this.at
    const needed = unread + more
    if (this.#isOwn && this.length + more <= this.bytes.length) return
    if (this.#isOwn && needed * 2 <= this.bytes.length) this.bytes.copyWithin(0, this.at, this.length)
    else {
      const roomy = Buffer.allocUnsafeSlow(Math.max(256, needed * 2))
      this.bytes.copy(roomy, 0, this.at, this.length)
      this.bytes = roomy
      this.#isOwn = true
    }
    this.#rebase(this.at)
    this.at = 0
    this.length = unread
  }
}
