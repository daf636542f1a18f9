// How long a command that serves goes on: until a signal says stop, with others on the way.

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

/** Resolves when the command has been stopped: true if it was asked to, false if a bug did it. */
export function untilStopped(source: SignalSource, actions: SignalActions): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  let isStopping = false
  let reloading: Promise<void> = Promise.resolve()
  const stop = (reason: string, error?: unknown) => {
    if (isStopping) return actions.giveUp()
    isStopping = true
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
    if (!isStopping) reloading = reloading.then(actions.reload)
  })
  source.on('uncaughtException', (error) => stop('a bug', error))
  return promise
}
