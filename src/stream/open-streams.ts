// The streams of one listener: counted, swept for time-outs by one timer, flushed together, ended together.
import type { Clock, Timer } from '../base/clock.ts'
import { LikelyNamespaces } from '../xml/xml.ts'
import type { ConnectionCaps } from './caps.ts'
import { Flusher } from './output.ts'
import type { StreamError } from './stream-error.ts'

/** How often streams that are logging in or closing are looked at, and by how much their time-outs may be late. */
export const sweepMs = 1_000
/** The same for streams with a bound resource. */
export const boundSweepMs = 10_000

/** A stream as its listener sees it. */
export interface OpenStream {
  readonly remoteAddress: string
  /** Whether it has, or had, a bound resource. */
  readonly hasBound: boolean
  /** Another `elapsedMs` milliseconds have passed. */
  sweep(elapsedMs: number): void
  close(error?: StreamError): void
}

/** All streams of one listener that have not closed. */
export class OpenStreams {
  readonly flusher = new Flusher()
  /** What all of them say. */
  readonly likely = new LikelyNamespaces()
  readonly #clock: Clock
  readonly #caps: ConnectionCaps | undefined
  readonly #brief = new Set<OpenStream>()
  readonly #bound = new Set<OpenStream>()
  readonly #sweep = (): void => this.#sweepAll()
  #timer: Timer | undefined
  #untilBoundMs = boundSweepMs
  #onEmpty: (() => void) | undefined

  constructor(clock: Clock, caps?: ConnectionCaps) {
    this.#clock = clock
    this.#caps = caps
  }

  get size(): number {
    return this.#brief.size + this.#bound.size
  }

  add(stream: OpenStream): void {
    this.#brief.add(stream)
    this.#timer ??= this.#clock.after(sweepMs, this.#sweep)
  }

  /** That stream has a bound resource now. */
  bound(stream: OpenStream): void {
    this.#brief.delete(stream)
    this.#bound.add(stream)
    this.#caps?.loggedIn()
  }

  /** That stream waits for the peer to close. */
  closing(stream: OpenStream): void {
    if (this.#bound.delete(stream)) this.#brief.add(stream)
  }

  /** That stream's connection is gone. */
  remove(stream: OpenStream): void {
    if (!this.#brief.delete(stream) && !this.#bound.delete(stream)) return
    this.#caps?.release(stream.remoteAddress, stream.hasBound)
    if (this.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#onEmpty?.()
  }

  /** Ends all streams; resolves when their connections are gone, which the limit `closingMs` bounds. */
  closeAll(error: StreamError): Promise<void> {
    for (const stream of [...this.#brief, ...this.#bound]) stream.close(error)
    if (this.size === 0) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onEmpty = resolve
    return promise
  }

  #sweepAll(): void {
    this.#timer = this.#clock.after(sweepMs, this.#sweep)
    for (const stream of this.#brief) stream.sweep(sweepMs)
    this.#untilBoundMs -= sweepMs
    if (this.#untilBoundMs > 0) return
    this.#untilBoundMs = boundSweepMs
    for (const stream of this.#bound) stream.sweep(boundSweepMs)
  }
}
