// An archive to which a test or a trial adds in its own way.
import type { Archive, Value } from '../src/storage/storage.ts'

/** The archive, but for how entries are added, whoever waits for that. */
export function withAppend<V extends Value>(archive: Archive<V>, append: Archive<V>['append']): Archive<V> {
  return {
    ...archive,
    append,
    appendFor(waiter, ...entry) {
      append(...entry).then(
        () => waiter.kept(),
        (error) => waiter.refused(error),
      )
    },
  }
}
