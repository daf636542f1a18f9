// Guessing passwords takes time, ever more of it, on however many streams; yet nobody can lock others out of their accounts.
import { TokenBucket } from '../bucket.ts'
import { networkOf } from '../caps.ts'
import type { Rate, StreamLimits } from '../limits.ts'

/** Addresses, accounts, and pairs of both, that are remembered; beyond that the oldest are forgotten. */
export const rememberedFailures = 4096

/** To how many accounts one address may fail as often as to one, and from how many addresses somebody to one account. */
const breadth = 10
/** How much longer than at first the wait may grow: 16 minutes where it is 30 seconds at first. */
const mostPatience = 32

/** Failed log-ins of one kind: how long to wait until the next one is looked at. */
class Failures {
  readonly #rate: Rate
  readonly #bucket: TokenBucket
  #closings = 0
  #forgottenAt = 0

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#bucket = new TokenBucket(rate, now)
  }

  /** One more; `most` is how often the wait at first there is to wait at the longest, however many come at once. */
  note(now: number, most: number): void {
    if (now >= this.#forgottenAt) this.#closings = 0
    const before = (this.#bucket.take(0, now) * this.#rate.perSecond) / 1000
    const waitMs = this.#bucket.take(Math.max(0, Math.min(2 ** this.#closings, most - before)), now)
    if (waitMs > 0) this.#closings += 1
    this.#forgottenAt = now + waitMs + (this.#rate.burst / this.#rate.perSecond) * 1000
  }

  isClosed(now: number): boolean {
    return this.#bucket.take(0, now) > 0
  }

  /** Whether there were so many that the next ones come one by one. */
  hasClosed(now: number): boolean {
    return this.#closings > 0 && now < this.#forgottenAt
  }
}

/** Counts failed log-ins by address and account, by address, and by account. */
export class LoginThrottle {
  readonly #limits: Pick<StreamLimits, 'loginFailures'>
  readonly #byPair = new Map<string, Failures>()
  readonly #byNetwork = new Map<string, Failures>()
  readonly #byAccount = new Map<string, Failures>()
  /** Where owners of accounts have come from: whatever others do elsewhere, they are let in from there. */
  readonly #known = new Map<string, true>()
  /** How many secrets are just being looked at, by pair: what they come to is not counted yet. */
  readonly #underwayByPair = new Map<string, number>()

  /** The limit is looked up each time, so that it may change. */
  constructor(limits: Pick<StreamLimits, 'loginFailures'>) {
    this.#limits = limits
  }

  /** Whether there were too many failures for a password to be looked at. `now` in milliseconds. */
  isClosed(address: string, account: string, now: number): boolean {
    if (this.#limits.loginFailures.perSecond === 0) return false
    const network = networkOf(address)
    const pair = `${network} ${account}`
    if (this.#byPair.get(pair)?.isClosed(now) || this.#byNetwork.get(network)?.isClosed(now)) return true
    return !this.#known.has(pair) && this.#byAccount.get(account)?.isClosed(now) === true
  }

  /**
   * A secret is about to be looked at; call the answer when it is known, and counted, what came of it. `undefined` if it
   * must not be: there were too many failures, or are as many others under way as may fail.
   */
  begin(address: string, account: string, now: number): (() => void) | undefined {
    const { perSecond, burst } = this.#limits.loginFailures
    if (perSecond === 0) return () => {}
    if (this.isClosed(address, account, now)) return undefined
    const pair = `${networkOf(address)} ${account}`
    const underway = this.#underwayByPair.get(pair) ?? 0
    if (underway >= (this.#byPair.get(pair)?.hasClosed(now) ? 1 : Math.max(1, burst))) return undefined
    this.#underwayByPair.set(pair, underway + 1)
    return () => this.#end(pair)
  }

  /** A log-in has failed. */
  failed(address: string, account: string, now: number): void {
    const rate = this.#limits.loginFailures
    const { perSecond, burst } = rate
    if (perSecond === 0) return
    const network = networkOf(address)
    const broad = { perSecond: perSecond * breadth, burst: burst * breadth }
    put(this.#byPair, `${network} ${account}`, (before) => before ?? new Failures(rate, now)).note(
      now,
      mostPatience,
    )
    put(this.#byNetwork, network, (before) => before ?? new Failures(broad, now)).note(now, 1)
    put(this.#byAccount, account, (before) => before ?? new Failures(broad, now)).note(now, 1)
  }

  /** Somebody has shown the right password. */
  succeeded(address: string, account: string): void {
    const pair = `${networkOf(address)} ${account}`
    this.#byPair.delete(pair)
    put(this.#known, pair, () => true)
  }

  #end(pair: string): void {
    const left = (this.#underwayByPair.get(pair) ?? 0) - 1
    if (left > 0) this.#underwayByPair.set(pair, left)
    else this.#underwayByPair.delete(pair)
  }
}

/** Puts a value at the end, so that the first is the one that has been quiet for longest; lets go of that. */
function put<Value>(map: Map<string, Value>, key: string, make: (before: Value | undefined) => Value): Value {
  const value = make(map.get(key))
  map.delete(key)
  map.set(key, value)
  if (map.size > rememberedFailures) {
    for (const oldest of map.keys()) {
      map.delete(oldest)
      break
    }
  }
  return value
}
