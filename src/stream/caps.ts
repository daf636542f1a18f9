// How many connections there may be: in total, from one address, and before login.
import type { StreamLimits } from './limits.ts'

/** Which cap a connection would go past. */
export type CapReached = 'connections' | 'connectionsPerAddress' | 'connectionsBeforeLogin'

/** Counts the connections of all listeners that share it. */
export class ConnectionCaps {
  readonly #limits: Pick<StreamLimits, CapReached>
  readonly #countByNetwork = new Map<string, number>()
  #count = 0
  #beforeLogin = 0

  constructor(limits: Pick<StreamLimits, CapReached>) {
    this.#limits = limits
  }

  /** Counts a new connection, unless that goes past a cap; says which. Without an address it counts in total only. */
  admit(address: string | undefined): CapReached | undefined {
    const network = address === undefined ? undefined : networkOf(address)
    const fromNetwork = network === undefined ? 0 : (this.#countByNetwork.get(network) ?? 0)
    if (isReached(this.#limits.connections, this.#count)) return 'connections'
    if (network !== undefined && isReached(this.#limits.connectionsPerAddress, fromNetwork))
      return 'connectionsPerAddress'
    if (isReached(this.#limits.connectionsBeforeLogin, this.#beforeLogin)) return 'connectionsBeforeLogin'
    if (network !== undefined) this.#countByNetwork.set(network, fromNetwork + 1)
    this.#count += 1
    this.#beforeLogin += 1
    return undefined
  }

  /** One of those admitted has a bound resource now. */
  loggedIn(): void {
    this.#beforeLogin -= 1
  }

  /** One of those admitted, with the address it was admitted with, is gone. */
  release(address: string | undefined, wasLoggedIn: boolean): void {
    if (address !== undefined) this.#forget(networkOf(address))
    this.#count -= 1
    if (!wasLoggedIn) this.#beforeLogin -= 1
  }

  #forget(network: string): void {
    const left = (this.#countByNetwork.get(network) ?? 0) - 1
    if (left > 0) this.#countByNetwork.set(network, left)
    else this.#countByNetwork.delete(network)
  }
}

function isReached(cap: number, count: number): boolean {
  return cap > 0 && count >= cap
}

/** What counts as one address: an IPv4 address, also one written as IPv6, or the first 64 bits of an IPv6 address. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1] as string
  const [before = '', after = ''] = (address.split('%')[0] as string).split('::')
  const groups = before === '' ? [] : before.split(':')
  const behind = after === '' ? 0 : after.split(':').length
  if (address.includes('::')) while (groups.length + behind < 8) groups.push('0')
  return groups.slice(0, 4).join(':')
}
