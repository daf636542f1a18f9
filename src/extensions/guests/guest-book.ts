// XEP-0175 §3: who is here as a guest; nothing is left of them when they leave.
import type { Timer } from '../../base/clock.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import type { KeyValue } from '../../storage/storage.ts'
import { networkOf } from '../../stream/caps.ts'

/** Milliseconds in which a guest must bind a resource. */
const bindMs = 120_000
const uuidBytes = 16

/** How many guests there may be at a time. */
export interface GuestLimits {
  readonly most: number
  /** 0: any number. */
  readonly mostPerAddress: number
}

interface Guest {
  readonly network: string
  /** Ends the wait for a session. */
  readonly timer: Timer
}

/** The guests of a host. */
export class GuestBook {
  readonly #host: ScopedHost
  readonly #limits: GuestLimits
  /** Outlives a crash, so that what guests have left can be erased at the next start. */
  readonly #store: KeyValue<number>
  readonly #guestByLocal = new Map<string, Guest>()
  readonly #countByNetwork = new Map<string, number>()

  constructor(host: ScopedHost, limits: GuestLimits) {
    this.#host = host
    this.#limits = limits
    this.#store = host.store.keyValue('guests')
  }

  /** How many there are. */
  get count(): number {
    return this.#guestByLocal.size
  }

  /** Lets somebody in from an address; `undefined` if there are too many already. */
  async admit(remoteAddress: string): Promise<Jid | undefined> {
    const network = networkOf(remoteAddress)
    const count = this.#countByNetwork.get(network) ?? 0
    const { most, mostPerAddress } = this.#limits
    if (this.#guestByLocal.size >= most || (mostPerAddress > 0 && count >= mostPerAddress)) return undefined
    const user = Jid.of(uuidOf(this.#host.ids.bytes(uuidBytes)), this.#host.domain.domain) as Jid
    const timer = this.#host.clock.after(bindMs, () => void this.#forget(user))
    this.#guestByLocal.set(user.local, { network, timer })
    this.#countByNetwork.set(network, count + 1)
    this.#host.accounts.admitGuest(user)
    await this.#store.set(user.local, this.#host.clock.now())
    return user
  }

  /** A session has begun. */
  came({ jid }: ClientSession): void {
    this.#guestByLocal.get(jid.local)?.timer.cancel()
  }

  /** A session is over; its guest has no other. */
  async left({ jid }: ClientSession): Promise<void> {
    if (this.#guestByLocal.has(jid.local)) await this.#forget(jid.bare)
  }

  /** Erases what guests have left who were here before the server was started. */
  async sweep(): Promise<void> {
    for (const local of await this.#store.owners()) {
      const guest = Jid.of(local, this.#host.domain.domain)
      if (!guest || this.#guestByLocal.has(local)) continue
      this.#host.accounts.admitGuest(guest)
      await this.#host.accounts.remove(guest)
    }
  }

  /** Waits for nobody any more. */
  close(): void {
    for (const { timer } of this.#guestByLocal.values()) timer.cancel()
  }

  async #forget(user: Jid): Promise<void> {
    const guest = this.#guestByLocal.get(user.local)
    if (!guest) return
    guest.timer.cancel()
    this.#guestByLocal.delete(user.local)
    const left = (this.#countByNetwork.get(guest.network) ?? 0) - 1
    if (left > 0) this.#countByNetwork.set(guest.network, left)
    else this.#countByNetwork.delete(guest.network)
    try {
      await this.#host.accounts.remove(user)
    } catch (error) {
      this.#host.log.error('guest not forgotten', { jid: user.toString(), error })
    }
  }
}

// RFC 9562 §5.4: version 4.
function uuidOf(bytes: Buffer): string {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
