// The bytes that have come and are not read yet, in one piece.

const nothing = Buffer.alloc(0)
const windowBytes = 1024
const ownText = 256

/**
 * Unread bytes. While all that comes is read at once they are the peer's chunk itself; what is left over is
 * copied, so that neither a buffer that its owner will fill again nor a large slab is held on to.
 */
export class Input {
  bytes: Buffer = nothing
  /** Index of the next unread byte. */
  at = 0
  /** Index behind the last byte. */
  length = 0
  /** How many bytes came before `bytes[0]`. */
  base = 0
  #isOwn = false
  #window = ''
  #windowStart = 0
  #windowEnd = 0

  /** Adds a chunk; indexes taken before may be void. */
  append(chunk: Uint8Array): void {
    if (this.at === this.length) {
      this.base += this.length
      this.bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      this.at = 0
      this.length = chunk.length
      this.#isOwn = false
    } else {
      this.#makeRoom(chunk.length)
      this.bytes.set(chunk, this.length)
      this.length += chunk.length
    }
    this.#windowEnd = 0
  }

  /** To be called when reading pauses: copies what is unread, lets go of all else. */
  settle(): void {
    if (this.at === this.length) this.clear()
    else if (!this.#isOwn) this.#makeRoom(0)
    this.#window = ''
    this.#windowEnd = 0
  }

  /** Throws away what is unread. */
  clear(): void {
    this.base += this.length
    this.bytes = nothing
    this.at = 0
    this.length = 0
    this.#isOwn = false
    this.#window = ''
    this.#windowEnd = 0
  }

  /** ASCII bytes as a string. Short strings share a window's memory; no string holds on to more than that. */
  ascii(start: number, end: number): string {
    if (start < this.#windowStart || end > this.#windowEnd) {
      if (end - start > ownText) return this.bytes.toString('latin1', start, end)
      this.#windowStart = start
      this.#windowEnd = Math.min(this.length, start + windowBytes)
      this.#window = this.bytes.toString('latin1', start, this.#windowEnd)
    }
    return this.#window.substring(start - this.#windowStart, end - this.#windowStart)
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
    this.base += this.at
    this.at = 0
    this.length = unread
  }
}
