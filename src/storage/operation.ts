// What a driver asks of its database: plain data, so that it can travel to another thread.
import type { Waiter } from '../base/waiter.ts'
import type { ArchiveQuery, ArchiveRemoval, KeyRange } from './storage.ts'
import type { Fault } from './storage-error.ts'

/** The shape of a store, as it is written in the file. */
export type Shape = 'key-value' | 'collection' | 'archive'

/** An entry of an archive whose value is JSON text. */
export interface StoredEntry {
  readonly id: string
  readonly when: number
  readonly with: string
  readonly value: string
}

/** An entry to be kept. */
export interface NewStoredEntry extends StoredEntry {
  readonly resource: string
  /** What it is to be found by; `''` for nothing. */
  readonly text: string
}

/** A page of an archive whose values are JSON text. */
export interface StoredPage {
  readonly entries: StoredEntry[]
  readonly isComplete: boolean
  readonly count?: number
  readonly index?: number
}

/** The key and the JSON text to keep under it; `null` removes. */
export type ItemChange = readonly [key: string, value: string | null]

/** What each kind of operation takes and answers. */
interface Operations {
  getValue: [{ store: string; owner: string }, string | undefined]
  setValue: [{ store: string; owner: string; value: string | null }, undefined]
  /** Not done, and `false`, if an operation before it in its batch is refused. */
  setLast: [{ store: string; owner: string; value: string }, false | undefined]
  owners: [{ store: string; after: string | undefined; limit: number | undefined }, string[]]
  getItem: [{ store: string; owner: string; key: string }, string | undefined]
  allItems: [{ store: string; owner: string }, [key: string, value: string][]]
  pageOfItems: [{ store: string; owner: string; range: KeyRange }, [key: string, value: string][]]
  countItems: [{ store: string; owner: string; before: string | undefined }, number]
  changeItems: [{ store: string; owner: string; changes: ItemChange[] }, undefined]
  clearItems: [{ store: string; owner: string }, undefined]
  removeFirst: [{ store: string; owner: string; most: number }, number]
  append: [{ store: string; owner: string; entry: NewStoredEntry; keep: number | undefined }, undefined]
  find: [{ store: string; owner: string; query: ArchiveQuery }, StoredPage | undefined]
  indexWords: [{ store: string; owner: string; most: number }, boolean]
  replaceEntry: [{ store: string; owner: string; id: string; value: string; text: string }, boolean]
  countEntries: [{ store: string; owner: string }, number]
  removeEntries: [{ store: string; owner: string; which: ArchiveRemoval }, number]
  eraseOwner: [{ prefix: string; owner: string }, undefined]
  stores: [object, { name: string; shape: Shape }[]]
}

export type Kind = keyof Operations
/** One thing to do, told apart by `kind`. */
export type Operation<K extends Kind = Kind> = { [Name in K]: { kind: Name } & Operations[Name][0] }[K]
/** What an operation of kind `K` answers. */
export type Answer<K extends Kind> = Operations[K][1]

/** An operation whose content is made when it goes to the database. */
export interface LateOperation {
  readonly store: string
  readonly owner: string
  /** Behind all others, and only if all of these are kept; answers `false` if it is not kept. */
  readonly isLast: boolean
  /** `undefined` if nothing is to be done any more. */
  make(): Operation | undefined
}

/** How an operation went: its answer, or why it was not done. */
export type Outcome = { readonly answer: unknown } | { readonly fault: Fault }

/** Carries out operations so that each sees the writes asked for before it. */
export interface Executor {
  /** Resolves when the database can be used; rejects with a `StorageError` that says why it cannot. */
  open(): Promise<void>
  /** Resolves with the answer; for a write, once it would survive a loss of power. */
  execute<O extends Operation>(operation: O): Promise<Answer<O['kind']>>
  /** The same for an operation that answers nothing; tells `waiter`, perhaps before this returns. */
  executeFor(waiter: Waiter, operation: Operation): void
  /** Resolves as it would for what is made in the end; with `undefined` if nothing is. */
  executeLate(operation: LateOperation): Promise<unknown>
  /** Finishes what was asked for, then closes. */
  close(): Promise<void>
}

const writes: ReadonlySet<Kind> = new Set<Kind>([
  'setValue',
  'setLast',
  'changeItems',
  'clearItems',
  'removeFirst',
  'append',
  'indexWords',
  'replaceEntry',
  'removeEntries',
  'eraseOwner',
])

/** Whether an operation changes anything. */
export function isWrite(operation: Operation): boolean {
  return writes.has(operation.kind)
}

/** Whether an operation only removes, and so makes room in the end. */
export function isRemoval(operation: Operation): boolean {
  switch (operation.kind) {
    case 'setValue':
      return operation.value === null
    case 'changeItems':
      return operation.changes.every(([, value]) => value === null)
    case 'clearItems':
    case 'removeFirst':
    case 'removeEntries':
    case 'eraseOwner':
      return true
    default:
      return false
  }
}

/** Characters of the values that an operation carries. */
export function lengthOf(operation: Operation): number {
  if (operation.kind === 'setValue' || operation.kind === 'setLast') return operation.value?.length ?? 0
  if (operation.kind === 'append') return operation.entry.value.length + operation.entry.text.length
  if (operation.kind === 'replaceEntry') return operation.value.length + operation.text.length
  if (operation.kind !== 'changeItems') return 0
  let length = 0
  for (const [key, value] of operation.changes) length += key.length + (value?.length ?? 0)
  return length
}
