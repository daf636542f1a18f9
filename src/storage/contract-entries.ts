// Entries with which the contract of an `Archive` is tried.
import type { Archive, ArchiveEntry } from './storage.ts'

/** Entries `e0`, `e1`, … at 0, 10, … milliseconds, with `even` and `odd` in turn, `e5` with the resource `phone`. */
export async function fill(archive: Archive<number>, owner: string, count: number): Promise<void> {
  const resourceOf = (number: number) => (number === 5 ? { resource: 'phone' } : {})
  await Promise.all(
    Array.from({ length: count }, (_, number) =>
      archive.append(owner, { ...entry(number), ...resourceOf(number) }),
    ),
  )
}

/** The entry of a number as `fill` makes it and `find` gives it back. */
export function entry(number: number): ArchiveEntry<number> {
  return { id: `e${number}`, when: number * 10, with: number % 2 ? 'odd' : 'even', value: number }
}

/** A query for everything. */
export const all = { limit: 100 }
