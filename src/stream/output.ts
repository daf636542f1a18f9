// What goes out: one buffer a stream, flushed once a turn with one write.
import type { Framing } from './framing.ts'
import type { StreamLimits } from './limits.ts'
import type { Transport } from './transport.ts'

const slabBytes = 64 * 1024
// Less room than this at the end of a slab is not worth another write.
const leastRoomBytes = 4 * 1024
// One UTF-16 unit makes at most three bytes of UTF-8.
const bytesPerUnit = 3
const nothing = new Uint8Array(0)

/** Who is told how the peer keeps up with what is sent. */
export interface OutputReceiver {
  /** More than the high-water mark waits, or no longer. */
  onCongestion(isCongested: boolean): void
  /** More than the limit would wait; what was written last is lost. */
  onOverflow(): void
}

/**
 * Flushes all outputs that something was written to, at the end of the turn, and lends them the memory for it.
 * The end of the turn is `setImmediate`, not a microtask: it comes after *all* sockets that were readable in
 * this turn have been read, so that what several senders say to one recipient is one write; and it is never later
 * than the next wait for the network.
 */
export class Flusher {
  #waiting: Output[] = []
  #slab: Buffer | undefined
  #used = 0
  readonly #flushAll = (): void => {
    const outputs = this.#waiting
    this.#waiting = []
    for (const output of outputs) output.flush()
  }

  schedule(output: Output): void {
    if (this.#waiting.push(output) === 1) setImmediate(this.#flushAll)
  }

  /** Memory to gather a write in. It is lent again unless `keep` is called. */
  lend(): Buffer {
    if (this.#slab === undefined || slabBytes - this.#used < leastRoomBytes) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes)
      this.#used = 0
    }
    return this.#used === 0 ? this.#slab : this.#slab.subarray(this.#used)
  }

  /** The first `bytes` of what was lent last belong to a transport that has not sent them yet. */
  keep(bytes: number): void {
    this.#used += bytes
  }
}

/** What one stream has to send. Holds nothing while nothing waits. */
export class Output {
  readonly #transport: Transport
  readonly #framing: Framing | undefined
  readonly #flusher: Flusher
  readonly #limits: StreamLimits
  readonly #receiver: OutputReceiver
  #parts: (string | Uint8Array)[] | undefined
  #waitingBytes = 0
  #isCongested = false

  constructor(transport: Transport, flusher: Flusher, limits: StreamLimits, receiver: OutputReceiver) {
    this.#transport = transport
    this.#framing = transport.framing
    this.#flusher = flusher
    this.#limits = limits
    this.#receiver = receiver
  }

  /** Whether more than the high-water mark waits. */
  get isCongested(): boolean {
    return this.#isCongested
  }

  /** Whether anything waits here, because the transport is busy or the turn has not ended. */
  get hasParts(): boolean {
    return this.#parts !== undefined
  }

  /** Whether anything waits to be sent, here or in the transport. */
  get isWaiting(): boolean {
    return this.#parts !== undefined || this.#transport.bufferedBytes > 0
  }

  /**
   * Adds text and the bytes behind it, where the transport carries messages as one; `bytes` may be shared with other
   * streams and must not change any more.
   */
  write(text: string, bytes?: Uint8Array): void {
    if (this.#parts === undefined) {
      this.#parts = []
      this.#flusher.schedule(this)
    }
    this.#parts.push(text)
    this.#waitingBytes += text.length
    if (bytes !== undefined) {
      this.#parts.push(bytes)
      this.#waitingBytes += bytes.length
    } else if (this.#framing !== undefined) this.#parts.push(nothing)
    if (this.#waitingBytes > this.#limits.outputHighWaterBytes) this.#rise()
  }

  /**
   * Sends what waits, if the transport has nothing left to send: it is given one write at a time, so that what waits
   * here stays as small as it was given, and bytes shared by many streams are held once.
   */
  flush(): void {
    const parts = this.#parts
    if (parts === undefined) return
    let sent = 0
    const framing = this.#framing
    while (sent < parts.length && this.#transport.bufferedBytes === 0)
      sent = framing ? this.#sendSome(framing, parts, sent) : this.#writeSome(parts, sent)
    if (sent === parts.length) this.clear()
    else if (sent > 0) this.#parts = parts.slice(sent)
    if (this.#isCongested && this.#waitingBytes <= this.#limits.outputHighWaterBytes) this.#fall()
  }

  /** Forgets what waits. */
  clear(): void {
    this.#parts = undefined
    this.#waitingBytes = 0
  }

  #rise(): void {
    this.flush()
    if (this.#waitingBytes > this.#limits.outputLimitBytes) {
      this.clear()
      this.#receiver.onOverflow()
    } else if (!this.#isCongested && this.#waitingBytes > this.#limits.outputHighWaterBytes) {
      this.#isCongested = true
      this.#receiver.onCongestion(true)
    }
  }

  #fall(): void {
    this.#isCongested = false
    this.#receiver.onCongestion(false)
  }

  /** Gathers parts from `index` on in one write; answers the index of the first one left. */
  #writeSome(parts: (string | Uint8Array)[], index: number): number {
    const room = this.#flusher.lend()
    let used = 0
    let next = index
    for (; next < parts.length; next++) {
      const part = parts[next] as string | Uint8Array
      if (typeof part === 'string') {
        if (part.length * bytesPerUnit > room.length - used) break
        used += room.write(part, used)
        this.#waitingBytes -= part.length
      } else {
        if (part.length > room.length - used) break
        room.set(part, used)
        used += part.length
        this.#waitingBytes -= part.length
      }
    }
    if (next > index) {
      if (!this.#transport.write(room.subarray(0, used))) this.#flusher.keep(used)
      return next
    }
    return this.#writePiece(parts, next)
  }

  /** The same for messages: they are pairs of text and bytes. */
  #sendSome(framing: Framing, parts: readonly (string | Uint8Array)[], index: number): number {
    const room = this.#flusher.lend()
    let used = 0
    let next = index
    for (; next < parts.length; next += 2) {
      const text = parts[next] as string
      const rest = parts[next + 1] as Uint8Array
      if (text.length * bytesPerUnit + rest.length + framing.headBytes > room.length - used) break
      used += framing.encode(text, rest, room, used)
      this.#waitingBytes -= text.length + rest.length
    }
    if (next > index) {
      if (!framing.send(room.subarray(0, used))) this.#flusher.keep(used)
      return next
    }
    const text = parts[next] as string
    const rest = parts[next + 1] as Uint8Array
    this.#waitingBytes -= text.length + rest.length
    // Whole, for other messages may come in between from elsewhere.
    const message = Buffer.allocUnsafe(Buffer.byteLength(text) + rest.length + framing.headBytes)
    framing.send(message.subarray(0, framing.encode(text, rest, message, 0)))
    return next + 2
  }

  /** Sends a part that is too large to be gathered, or as much of it as is sent at once. */
  #writePiece(parts: (string | Uint8Array)[], index: number): number {
    const part = parts[index] as string | Uint8Array
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    // In pieces, so that a slow peer is seen to make progress.
    const piece = bytes.subarray(0, slabBytes)
    const rest = bytes.subarray(slabBytes)
    this.#waitingBytes += rest.length - part.length
    parts[index] = rest
    this.#transport.write(piece)
    return rest.length > 0 ? index : index + 1
  }
}
