// What the benchmark has to know about a server.
import type { LogIn } from '../generator/login.ts'

/** What a scenario wants of a server. */
export interface ServerNeeds {
  /** How many accounts there must be: those of `accountName(0)` and so on. */
  readonly accounts: number
  /** The iterations of PBKDF2 with which their passwords are kept. */
  readonly passwordIterations: number
  /** Whether messages are kept in an archive (XEP-0313). */
  readonly isArchived: boolean
  /** Whether clients come over WebSocket instead of TCP. */
  readonly isWebSocket: boolean
  /** Whether the port speaks TLS from its first byte on. */
  readonly isTls: boolean
}

/** A server that has been started for one run and accepts connections. */
export interface RunningServer {
  readonly pid: number
  readonly port: number
  readonly isTls: boolean
  readonly logIn: LogIn
  /** When its process was started, as `performance.now()` tells it. */
  readonly startedAt: number
  /** What it holds on to, in MiB, after it has cleaned up; only where the server can tell. */
  heapMib?(): Promise<number>
  /** Ends the process, by force if need be, and removes what it wrote. */
  stop(): Promise<void>
}

/** A kind of server that can be measured. */
export interface ServerKind {
  readonly name: string
  /** Whether it speaks XMPP, or is a yardstick that only moves messages. */
  readonly isRelay: boolean
  /** Whether it differs from another one in its archive only, and is measured only where there is one. */
  readonly isForArchives?: boolean
  /** Makes sure that the program is there; returns its version. */
  prepare(): Promise<string>
  /** Starts it on its processor; rejects, with what the process printed, when it does not come up. */
  start(needs: ServerNeeds): Promise<RunningServer>
}
