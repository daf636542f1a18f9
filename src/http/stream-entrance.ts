// How streams that come over HTTP are let in: counted with all others, watched by the tap, ended together.
import { AcceptedStream, type StreamSettings } from '../stream/accepted-stream.ts'
import type { ConnectionCaps } from '../stream/caps.ts'
import { OpenStreams } from '../stream/open-streams.ts'
import type { StreamError } from '../stream/stream-error.ts'
import { type Tap, TappedTransport } from '../stream/tapped-transport.ts'
import type { Transport } from '../stream/transport.ts'

/** What the streams of a server have in common. */
export interface EntranceParts {
  readonly settings: StreamSettings
  readonly caps: ConnectionCaps
  readonly tap: Tap | undefined
}

/** Where streams begin. */
export class StreamEntrance {
  readonly settings: StreamSettings
  readonly #caps: ConnectionCaps
  readonly #tap: Tap | undefined
  readonly #streams: OpenStreams
  #opened = 0
  /** Why nobody is let in any more. */
  #goodbye: StreamError | undefined

  constructor({ settings, caps, tap }: EntranceParts) {
    this.settings = settings
    this.#caps = caps
    this.#tap = tap
    this.#streams = new OpenStreams(settings.clock, caps)
  }

  /** Counts a stream from an address; false if there may be no other. Who is admitted is opened or released. */
  admit(address: string): boolean {
    if (this.#goodbye) return false
    const cap = this.#caps.admit(address)
    if (cap) this.settings.log.warn('connection-refused', { address, cap })
    return cap === undefined
  }

  /** One that was admitted comes to nothing. */
  release(address: string): void {
    this.#caps.release(address, false)
  }

  /** One that was admitted begins. */
  open(transport: Transport): void {
    this.#opened += 1
    const tapped = this.#tap ? new TappedTransport(transport, this.#tap, `web/${this.#opened}`) : transport
    const stream = new AcceptedStream(tapped, this.settings, this.#streams)
    // It was admitted before, and its handshake took its time.
    if (this.#goodbye) stream.close(this.#goodbye)
  }

  /** Lets nobody in any more and ends all streams; resolves when they have ended. Clients that are told so come back at once. */
  close(error: StreamError): Promise<void> {
    this.#goodbye = error
    return this.#streams.closeAll(error)
  }
}
