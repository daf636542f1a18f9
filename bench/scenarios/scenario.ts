// What a scenario is: something that is done to a server, and the figures that come of it.
import type { Faults } from '../generator/tally.ts'
import type { RunningServer } from '../servers/server.ts'

/** One figure that a scenario gives. */
export interface Metric {
  readonly name: string
  readonly label: string
  readonly better: 'less' | 'more' | 'neither'
  /** How many times better than Prosody's Balcony's figure must be. */
  readonly bar?: number
  /** The same, where Prosody keeps its archive in SQLite. */
  readonly sqliteBar?: number
  /** How many times better than ejabberd's it must be. */
  readonly ejabberdBar?: number
  /** How many times the relay's it may be at most. */
  readonly relayMost?: number
  /** Whether it must be below those of Prosody and ejabberd. */
  readonly isBelowPeers?: boolean
  /** What it may be at most. */
  readonly most?: number
}

/** How long and how large. */
export interface Scale {
  readonly warmUpMs: number
  readonly measureMs: number
  /** How long an idle server is left alone before its memory is read. */
  readonly settleMs: number
  /** Sessions of `idle-memory`, ascending. */
  readonly idleSessions: readonly number[]
  /** Occupants of the room of `fan-out`. */
  readonly occupants: number
  /** Of the occupants that the name of a `rooms-…` says. */
  readonly roomShare: number
  /** How long messages come at a steady pace. */
  readonly steadyMs: number
  /** How long the load lasts under which memory must stay flat. */
  readonly soakMs: number
}

/** The usual scale. */
export const fullScale: Scale = {
  warmUpMs: 2000,
  measureMs: 2000,
  settleMs: 10_000,
  idleSessions: [1000, 10_000],
  occupants: 200,
  roomShare: 1,
  steadyMs: 10_000,
  soakMs: 60_000,
}

/** A scale at which the figures mean little, but all is done. */
export const quickScale: Scale = {
  warmUpMs: 200,
  measureMs: 500,
  settleMs: 500,
  idleSessions: [50, 200],
  occupants: 20,
  roomShare: 0.02,
  steadyMs: 1000,
  soakMs: 3000,
}

/** What a scenario is given for one run. */
export interface Run {
  readonly server: RunningServer
  readonly isRelay: boolean
  readonly scale: Scale
  /** Says what is being done. */
  progress(doing: string): void
}

/** What one run gave. */
export interface Outcome {
  /** By the name of the metric. */
  readonly figures: Readonly<Record<string, number>>
  readonly faults: Faults
}

/** Something that is done to every server and measured. */
export interface Scenario {
  readonly name: string
  /** What is done, in a line. */
  title(scale: Scale): string
  /** Whether the relay can do it too. */
  readonly forRelay: boolean
  /** Names of servers that cannot do it, or would take longer than anybody waits. */
  readonly isNotFor?: readonly string[]
  /** After how long a run is given up, in milliseconds; 300,000 unless it says so. */
  readonly timeoutMs?: number
  metrics(scale: Scale): readonly Metric[]
  accounts(scale: Scale): number
  /** Of PBKDF2 for the accounts' passwords; 1 where logging in is not what is measured. */
  readonly passwordIterations: number
  /** Whether the server keeps messages in an archive (XEP-0313). */
  readonly isArchived: boolean
  /** Whether clients come over WebSocket instead of TCP. */
  readonly isWebSocket?: boolean
  /** Whether clients speak TLS. */
  readonly isTls?: boolean
  /** Whether ejabberd, which has no bar here, is left out unless it was asked for: it takes long to start. */
  readonly sparesEjabberd?: boolean
  /** More runs than this would tell nothing new. */
  readonly mostRuns?: number
  /** Rejects when the server refuses something or drops a connection. */
  run(run: Run): Promise<Outcome>
}
