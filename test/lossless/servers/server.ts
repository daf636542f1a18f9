// What a server must be able to do to take part: start on the data that it left, listen, and be ended.

/** What ails the disk. */
export type Trouble = 'full' | 'slow'

/** How a server is made: an empty folder of its own, and the accounts, all with the password `secret`. */
export interface ServerParts {
  readonly folder: string
  readonly accounts: readonly string[]
}

/** A server as a process of its own. */
export interface TestedServer {
  /** What it is, and under which conditions it runs, one line each. */
  readonly conditions: readonly string[]
  /** Whether it can be started on a disk that is full or slow. */
  readonly knowsTroubles: boolean
  /** On 127.0.0.1; `undefined` while it is down. */
  readonly port: number | undefined
  /** What it has said lately. */
  readonly output: string
  /** Resolves when it listens; rejects with what it said if it ends instead. */
  start(trouble?: Trouble): Promise<void>
  /** Ends it with a signal; resolves when it has gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/** How long a client that has lost its connection may take to come back to its session. */
export const resumeSeconds = 5
