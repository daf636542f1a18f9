// Entries on their way into an archive.
import type { Waiter } from '../base/waiter.ts'
import { checked, checkedLimit, checkedText, checkedTime, checkedValue } from './checked.ts'
import type { Executor, NewStoredEntry, Operation } from './operation.ts'
import type { AppendOptions, NewArchiveEntry, Value } from './storage.ts'

/** Characters of a value that is remembered. */
const maxRemembered = 65_536

/** Adds to the archives of one store. */
export class Appender<V extends Value> {
  readonly #executor: Executor
  readonly #store: string
  /** The last value, if it was a text, and its JSON: what is said is kept by both sides, one after the other. */
  #lastText: string | undefined
  #lastJson = ''

  constructor(executor: Executor, store: string) {
    this.#executor = executor
    this.#store = store
  }

  /** Adds an entry. */
  append(owner: string, entry: NewArchiveEntry<V>, options?: AppendOptions): Promise<void> {
    return new Promise((kept, refused) => this.appendFor({ kept, refused }, owner, entry, options))
  }

  /** The same, telling `waiter`. */
  appendFor(waiter: Waiter, owner: string, entry: NewArchiveEntry<V>, options?: AppendOptions): void {
    let operation: Operation<'append'>
    try {
      checked('owner', owner)
      const keep = checkedLimit(options?.keep)
      operation = { kind: 'append', store: this.#store, owner, entry: this.#stored(entry), keep }
    } catch (error) {
      waiter.refused(error)
      return
    }
    this.#executor.executeFor(waiter, operation)
  }

  #stored({ id, when, with: party, value, resource = '', text = '' }: NewArchiveEntry<V>): NewStoredEntry {
    checkedTime(when)
    checked('id', id)
    checked('with', party)
    checked('resource', resource)
    return { id, when, with: party, value: this.#jsonOf(value, text), resource, text }
  }

  #jsonOf(value: V, text: string): string {
    if (typeof value !== 'string' || value.length > maxRemembered) return checkedValue(value, text)
    checkedText(text)
    if (value !== this.#lastText) {
      this.#lastJson = checkedValue(value, text)
      this.#lastText = value
    }
    return this.#lastJson
  }
}
