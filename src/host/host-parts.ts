// What a host is made of, and its bounds.
import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Jid } from '../jid/jid.ts'
import type { Files } from '../storage/files.ts'
import type { Driver } from '../storage/storage.ts'
import type { AuthFunction } from './auth.ts'
import type { RequestLimits } from './requests.ts'
import type { Router } from './router.ts'

/** What becomes of a session when another asks for its resource (RFC 6120 §7.7.2.2). */
export type ConflictPolicy = 'refuse' | 'rename' | 'replace'

/** Bounds of a host. */
export interface HostLimits extends RequestLimits {
  /** Sessions of one account at a time. */
  readonly sessionsPerAccount: number
  /** Addresses one session may show its presence to by itself. */
  readonly directedPresence: number
}

/** The bounds of a host that nobody has set others for. */
export const defaultHostLimits: HostLimits = {
  sessionsPerAccount: 20,
  directedPresence: 1000,
  openRequests: 10_000,
  openRequestsPerAddress: 100,
}

/** What a host is made of. */
export interface HostParts {
  readonly domain: Jid
  readonly router: Router
  readonly storage: Driver
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  readonly ids: Ids
  readonly limits?: Partial<HostLimits>
  readonly conflict?: ConflictPolicy
  /** Bare addresses of those who administer the host. */
  readonly admins?: readonly Jid[]
  /** For test servers only: see `Accounts`. */
  readonly createOnLogin?: boolean
  /** Knows the passwords of the accounts, in place of what is kept here. */
  readonly auth?: AuthFunction | undefined
  /** Domains on the same server that answer for themselves and are listed as items of this host. */
  readonly services?: () => Jid[]
  /** Where the host is reached on the web, without a slash at the end, if it is. */
  readonly webUrl?: () => string | undefined
}
