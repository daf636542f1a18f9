// What a server is made of, for those who make one by themselves; what the command reads is in `config.ts`.
import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { AuthFunction } from '../host/auth.ts'
import type { Extension } from '../host/extension.ts'
import type { ConflictPolicy, HostLimits } from '../host/host-parts.ts'
import type { ExtensionOptions } from '../host/loader.ts'
import type { HttpSettings } from '../http/settings.ts'
import type { Files } from '../storage/files.ts'
import type { Driver } from '../storage/storage.ts'
import type { StreamLimits, StreamPolicy } from '../stream/limits.ts'
import type { Tap } from '../stream/tapped-transport.ts'

/** One domain of a server. */
export interface HostConfig {
  /** What the domain offers; a domain whose extensions bring a service has no accounts. */
  readonly extensions: readonly Extension[]
  /** Options of this domain's extensions by their name; these win over the server's. */
  readonly options?: ExtensionOptions
  /** Says whether a password is right, for this domain; see `ServerConfig`. */
  readonly auth?: AuthFunction
  /** Bare addresses of those who administer the domain. */
  readonly admins?: readonly string[]
  /** For test servers only: whoever logs in has an account, with whatever password came first. */
  readonly createOnLogin?: boolean
  /** Where the domain is reached on the web from outside, such as `https://chat.example.org`; found out if left out. */
  readonly url?: string
}

/** What a server is made of. */
export interface ServerConfig {
  readonly storage: Driver
  /** Where files that people send each other are kept; standard is `filesInMemory()`. */
  readonly files?: Files
  /** By domain. */
  readonly hosts: Readonly<Record<string, HostConfig>>
  /** Options of extensions by their name, for all hosts. */
  readonly options?: ExtensionOptions
  /** Bounds of each host. */
  readonly limits?: Partial<HostLimits>
  /** Bounds of all streams together, and of each. */
  readonly streamLimits?: Partial<StreamLimits>
  /** What the HTTP server may cost and whom it believes. */
  readonly web?: Partial<HttpSettings>
  /** What logging in needs. */
  readonly policy?: Partial<StreamPolicy>
  /**
   * Says whether a password is right, in place of what is kept here: clients log in with PLAIN, and an account is made
   * for who does so first.
   */
  readonly auth?: AuthFunction
  /** What becomes of a session when another asks for its resource; standard is `replace`. */
  readonly conflict?: ConflictPolicy
  readonly log?: Log
  readonly clock?: Clock
  readonly ids?: Ids
  /** Is shown all that goes over the wire, decrypted, passwords too; for development. */
  readonly tap?: Tap
}
