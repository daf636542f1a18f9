// Work that is done again and again, never twice at a time.
import type { Clock } from './clock.ts'
import type { Undo } from './scope.ts'

/** What is repeated; the signal is aborted when it need not go on. */
export type Repeated = (signal: AbortSignal) => Promise<unknown>

/** Runs `work` in `delayMs` milliseconds, and again that long after each end of it, until undone. `failed` is told of errors. */
export function repeat(
  clock: Clock,
  delayMs: number,
  work: Repeated,
  failed: (error: unknown) => void,
): Undo {
  const abort = new AbortController()
  const later = () =>
    clock.after(delayMs, () => {
      work(abort.signal)
        .catch(failed)
        .finally(() => {
          if (!abort.signal.aborted) timer = later()
        })
    })
  let timer = later()
  return () => {
    abort.abort()
    timer.cancel()
  }
}
