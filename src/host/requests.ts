// RFC 6120 §8.2.3: requests that the host makes itself, or for an account, and the answers to them.
import type { Clock, Timer } from '../base/clock.ts'
import type { Jid } from '../jid/jid.ts'
import type { Iq } from '../stanza/stanza.ts'
import { parseStanzaError, StanzaError } from '../stanza/stanza-error.ts'

/** How many requests may wait for their answers. */
export interface RequestLimits {
  readonly openRequests: number
  /** Put to one address. */
  readonly openRequestsPerAddress: number
}

interface OpenRequest {
  readonly key: string
  readonly to: string
  readonly timer: Timer
  resolve(answer: Iq): void
  reject(error: StanzaError): void
}

/**
 * Requests that have been sent and not been answered. An answer is taken only from the address that was asked, at the
 * address that has asked, under the id that was used.
 */
export class Requests {
  readonly #clock: Clock
  readonly #limits: RequestLimits
  // Oldest first: an address answers requests of the same id in the order in which it got them (RFC 6120 §10.1).
  readonly #openByKey = new Map<string, OpenRequest[]>()
  readonly #countByAddress = new Map<string, number>()
  #count = 0

  /** `limits` are looked up at every request. */
  constructor(clock: Clock, limits: RequestLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /**
   * Waits for the answer to `request`, whose `to` and `id` are set and whose `from` is the host's or an account's own
   * bare address. Rejects with the `StanzaError` that comes instead of a result: the peer's own, or
   * `remote-server-timeout` after `timeoutMs` milliseconds.
   * @throws StanzaError resource-constraint where too many wait already
   */
  open(request: Iq, timeoutMs: number): Promise<Iq> {
    const to = (request.to as Jid).toString()
    if (this.#isFull(to)) throw new StanzaError('resource-constraint', 'too many requests wait for answers')
    return new Promise((resolve, reject) => {
      const key = keyOf(request.from, to, request.id)
      const timer = this.#clock.after(timeoutMs, () => {
        this.#close(open)
        reject(new StanzaError('remote-server-timeout', 'no answer has come'))
      })
      const open: OpenRequest = { key, to, timer, resolve, reject }
      this.#add(open)
    })
  }

  /** Takes the answer `iq` that came to `own`; one that nobody waits for goes nowhere. */
  take(iq: Iq, own: Jid): void {
    const open = this.#openByKey.get(keyOf(own, iq.from.toString(), iq.id))?.[0]
    if (!open) return
    this.#close(open)
    open.timer.cancel()
    if (iq.type === 'error') open.reject(parseStanzaError(iq.child('error')))
    else open.resolve(iq)
  }

  /** Waits for nothing any more: whoever asked hears neither of an answer nor of its absence. */
  close(): void {
    for (const requests of this.#openByKey.values()) for (const { timer } of requests) timer.cancel()
    this.#openByKey.clear()
    this.#countByAddress.clear()
    this.#count = 0
  }

  #isFull(to: string): boolean {
    const { openRequests, openRequestsPerAddress } = this.#limits
    return this.#count >= openRequests || (this.#countByAddress.get(to) ?? 0) >= openRequestsPerAddress
  }

  #add(open: OpenRequest): void {
    const others = this.#openByKey.get(open.key)
    if (others) others.push(open)
    else this.#openByKey.set(open.key, [open])
    this.#countByAddress.set(open.to, (this.#countByAddress.get(open.to) ?? 0) + 1)
    this.#count += 1
  }

  #close(open: OpenRequest): void {
    const left = (this.#openByKey.get(open.key) ?? []).filter((other) => other !== open)
    if (left.length > 0) this.#openByKey.set(open.key, left)
    else this.#openByKey.delete(open.key)
    const count = (this.#countByAddress.get(open.to) ?? 0) - 1
    if (count > 0) this.#countByAddress.set(open.to, count)
    else this.#countByAddress.delete(open.to)
    this.#count -= 1
  }
}

// No address has a line feed, so what stands before the id cannot be taken for something else.
function keyOf(own: Jid, peer: string, id: string | undefined): string {
  return `${own}\n${peer}\n${id}`
}
