// Guessing passwords takes time, on however many streams; yet nobody can lock others out of their accounts.
import { TokenBucket } from '../bucket.ts'
import { networkOf } from '../caps.ts'
import type { Rate, StreamLimits } from '../limits.ts'

/** Addresses, and pairs of address and account, whose failures are remembered; beyond that the oldest are forgotten. */
export const rememberedFailures = 4096

const accountsPerAddress = 10

/** Counts failed log-ins by address and account, and by address. */
export class LoginThrottle {
  readonly #limits: Pick<StreamLimits, 'loginFailures'>
  readonly #bucketByWho = new Map<string, TokenBucket>()
  readonly #bucketByNetwork = new Map<string, TokenBucket>()

  /** The limit is looked up each time, so that it may change. */
  constructor(limits: Pick<StreamLimits, 'loginFailures'>) {
    this.#limits = limits
  }

  /** Whether there were too many failures for a password to be looked at. `now` in milliseconds. */
  isClosed(address: string, account: string, now: number): boolean {
    if (this.#limits.loginFailures.perSecond === 0) return false
    const network = networkOf(address)
    const who = this.#bucketByWho.get(`${network} ${account}`)
    return (who?.take(0, now) ?? 0) > 0 || (this.#bucketByNetwork.get(network)?.take(0, now) ?? 0) > 0
  }

  /** A log-in has failed. */
  failed(address: string, account: string, now: number): void {
    const rate = this.#limits.loginFailures
    const { perSecond, burst } = rate
    if (perSecond === 0) return
    const network = networkOf(address)
    const all = { perSecond: perSecond * accountsPerAddress, burst: burst * accountsPerAddress }
    charge(this.#bucketByWho, `${network} ${account}`, rate, now)
    charge(this.#bucketByNetwork, network, all, now)
  }
}

function charge(buckets: Map<string, TokenBucket>, key: string, rate: Rate, now: number): void {
  const bucket = buckets.get(key) ?? new TokenBucket(rate, now)
  // Put at the end, so that the first is the one that has been quiet for longest.
  buckets.delete(key)
  buckets.set(key, bucket)
  bucket.take(1, now)
  if (buckets.size <= rememberedFailures) return
  for (const oldest of buckets.keys()) {
    buckets.delete(oldest)
    return
  }
}
