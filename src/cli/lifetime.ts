// How long a command that serves goes on: until a signal says stop, with others on the way.
import type { Clock } from '../base/clock.ts'

/** What a running command does on signals. */
export interface SignalActions {
  /** SIGHUP. */
  readonly reload: () => Promise<void>
  /** The first SIGTERM or SIGINT, or a bug that nobody caught. */
  readonly stop: (reason: string, error?: unknown) => Promise<void>
  /** A second one while stopping. */
  readonly giveUp: () => void
}

/** The part of `process` that is used. */
export type SignalSource = Pick<NodeJS.Process, 'on' | 'off'>

// Ctrl+C reaches the whole group of processes, and npm hands its own on: that is one wish, not two.
const sameWishMs = 500

/** Resolves when the command has been stopped: true if it was asked to, false if a bug did it. */
export function untilStopped(source: SignalSource, actions: SignalActions, clock: Clock): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  let stoppingSince: number | undefined
  let reloading: Promise<void> = Promise.resolve()
  const stop = (reason: string, error?: unknown) => {
    if (stoppingSince !== undefined) {
      if (clock.now() - stoppingSince > sameWishMs) actions.giveUp()
      return
    }
    stoppingSince = clock.now()
    const isWanted = error === undefined
    reloading
      .then(() => actions.stop(reason, error))
      .then(
        () => resolve(isWanted),
        () => resolve(false),
      )
  }
  source.on('SIGTERM', () => stop('SIGTERM'))
  source.on('SIGINT', () => stop('SIGINT'))
  source.on('SIGHUP', () => {
    if (stoppingSince === undefined) reloading = reloading.then(actions.reload)
  })
  source.on('uncaughtException', (error) => stop('a bug', error))
  return promise
}
