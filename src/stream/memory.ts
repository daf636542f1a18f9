// A connection inside the process: two transports, each the other's peer.
import type { Transport, TransportReceiver } from './transport.ts'

/** How a pair in memory presents itself. */
export interface MemoryPairOptions {
  /** What both ends give as `remoteAddress`. */
  readonly remoteAddress?: string
  /** Standard is true: what never leaves the process cannot be read along. */
  readonly isSecure?: boolean
}

/** Two connected transports. What is written to one arrives at the other in a later turn, in the same order. */
export function memoryPair(options: MemoryPairOptions = {}): [Transport, Transport] {
  const left = new MemoryTransport(options)
  const right = new MemoryTransport(options)
  left.connect(right)
  right.connect(left)
  return [left, right]
}

class MemoryTransport implements Transport {
  readonly remoteAddress: string
  readonly isSecure: boolean
  /** What has been written here and has not arrived. */
  readonly #waiting: Uint8Array[] = []
  #bufferedBytes = 0
  #peer: MemoryTransport | undefined
  #receiver: TransportReceiver | undefined
  #isPaused = false
  #hasEnded = false
  #isClosed = false
  #isScheduled = false

  constructor({ remoteAddress = 'memory', isSecure = true }: MemoryPairOptions) {
    this.remoteAddress = remoteAddress
    this.isSecure = isSecure
  }

  connect(peer: MemoryTransport): void {
    this.#peer = peer
  }

  get isReceiving(): boolean {
    return this.#receiver !== undefined
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  receive(receiver: TransportReceiver): void {
    this.#receiver = receiver
    this.#wake()
  }

  write(bytes: Uint8Array | string): boolean {
    if (this.#hasEnded || this.#isClosed) return true
    const copy = Buffer.from(bytes as Uint8Array)
    this.#waiting.push(copy)
    this.#bufferedBytes += copy.length
    this.#schedule()
    return false
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#schedule()
  }

  destroy(): void {
    if (this.#peer) this.#peer.#close()
    this.#close()
  }

  /** Lets the peer deliver what it has for us. */
  #wake(): void {
    if (this.#peer) this.#peer.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => this.#deliver())
  }

  #deliver(): void {
    this.#isScheduled = false
    const peer = this.#peer
    const hadSome = this.#bufferedBytes > 0
    if (!peer?.isReceiving) return
    while (!peer.#isPaused && !peer.#isClosed) {
      const bytes = this.#waiting.shift()
      if (!bytes) break
      this.#bufferedBytes -= bytes.length
      peer.#receiver?.onBytes(bytes)
    }
    if (hadSome && this.#bufferedBytes === 0 && !this.#isClosed) this.#receiver?.onDrain()
    if (this.#hasEnded && this.#waiting.length === 0) this.#finish(peer)
  }

  /** Like TCP without half-open connections: the end of one side ends the other once that has sent what it has. */
  #finish(peer: MemoryTransport): void {
    peer.#hasEnded = true
    if (peer.#waiting.length > 0 && !this.#isClosed) return
    this.destroy()
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#hasEnded = true
    this.#waiting.length = 0
    this.#bufferedBytes = 0
    queueMicrotask(() => this.#receiver?.onClose())
  }
}
