// The log: events with data, not sentences.

/** What goes with an event. Values are shown as they are; errors under the key `error`. */
export type LogData = Readonly<Record<string, unknown>>

/** Takes events. Who embeds the server brings one; `cli/` brings pino. */
export interface Log {
  debug(event: string, data?: LogData): void
  info(event: string, data?: LogData): void
  warn(event: string, data?: LogData): void
  error(event: string, data?: LogData): void
  /** A log that adds `data` to every event. */
  child(data: LogData): Log
}

/** Takes everything, says nothing. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
}
