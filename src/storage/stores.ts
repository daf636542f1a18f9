// The three shapes over an executor: values become JSON text here, and what may not be kept is refused.
import type { Executor, NewStoredEntry } from './operation.ts'
import type {
  Archive,
  ArchiveEntry,
  Collection,
  Driver,
  KeyValue,
  NewArchiveEntry,
  Value,
} from './storage.ts'
import { StorageError } from './storage-error.ts'

/** The most bytes of UTF-8 in an owner, a key, an id or the name of a store; a full address has at most 3,071. */
export const maxKeyBytes = 4096
/** The most characters of a value as JSON. */
export const maxValueLength = 16 * 1024 * 1024

/** Entries whose words are indexed in one go, which others wait for: some 10 ms. */
const mostWordsAtOnce = 1000

/** A driver whose stores are carried out by `executor`. */
export function driverOver(executor: Executor): Driver {
  return {
    keyValue: (name) => keyValueOver(executor, checked('store', name)),
    collection: (name) => collectionOver(executor, checked('store', name)),
    archive: (name) => archiveOver(executor, checked('store', name)),
    async eraseOwner(domain, owner) {
      await executor.execute({
        kind: 'eraseOwner',
        prefix: `${checked('domain', domain)}/`,
        owner: checked('owner', owner),
      })
    },
    stores: () => executor.execute({ kind: 'stores' }),
    open: () => executor.open(),
    close: () => executor.close(),
  }
}

function keyValueOver<V extends Value>(executor: Executor, store: string): KeyValue<V> {
  return {
    async get(owner) {
      const json = await executor.execute({ kind: 'getValue', store, owner: checked('owner', owner) })
      return json === undefined ? undefined : parsed(json)
    },
    async set(owner, value) {
      const json = jsonOf(value)
      await executor.execute({ kind: 'setValue', store, owner: checked('owner', owner), value: json })
    },
    async owners({ after, limit } = {}) {
      return executor.execute({ kind: 'owners', store, after, limit: checkedLimit(limit) })
    },
  }
}

function collectionOver<V extends Value>(executor: Executor, store: string): Collection<V> {
  async function change(owner: string, changes: ReadonlyMap<string, V | undefined>): Promise<void> {
    checked('owner', owner)
    const texts = Array.from(changes, ([key, value]) => [checked('key', key), jsonOf(value)] as const)
    if (texts.length === 0) return
    await executor.execute({ kind: 'changeItems', store, owner, changes: texts })
  }
  return {
    async get(owner, key) {
      checked('owner', owner)
      const json = await executor.execute({ kind: 'getItem', store, owner, key: checked('key', key) })
      return json === undefined ? undefined : parsed(json)
    },
    async all(owner) {
      const items = await executor.execute({ kind: 'allItems', store, owner: checked('owner', owner) })
      return new Map(items.map(([key, json]) => [key, parsed<V>(json)]))
    },
    async page(owner, range) {
      checked('owner', owner)
      checkedLimit(range.limit)
      const items = await executor.execute({ kind: 'pageOfItems', store, owner, range })
      return new Map(items.map(([key, json]) => [key, parsed<V>(json)]))
    },
    async count(owner, before) {
      checked('owner', owner)
      return executor.execute({
        kind: 'countItems',
        store,
        owner,
        before: before === undefined ? undefined : checked('key', before),
      })
    },
    set: (owner, key, value) => change(owner, new Map([[key, value]])),
    change,
    async clear(owner) {
      await executor.execute({ kind: 'clearItems', store, owner: checked('owner', owner) })
    },
    async removeFirst(owner, most) {
      checkedLimit(most)
      return executor.execute({ kind: 'removeFirst', store, owner: checked('owner', owner), most })
    },
  }
}

function archiveOver<V extends Value>(executor: Executor, store: string): Archive<V> {
  return {
    canSearch: true,
    async append(owner, entry, { keep } = {}) {
      checked('owner', owner)
      await executor.execute({
        kind: 'append',
        store,
        owner,
        entry: newEntryOf(entry),
        keep: checkedLimit(keep),
      })
    },
    async find(owner, query) {
      checked('owner', owner)
      checkedTime(query.start ?? 0)
      checkedTime(query.end ?? 0)
      checkedLimit(query.limit)
      checkedLimit(query.index)
      if (query.text !== undefined) await indexWords(executor, store, owner)
      const page = await executor.execute({ kind: 'find', store, owner, query })
      return page && { ...page, entries: page.entries.map(entryOf<V>) }
    },
    async count(owner) {
      return executor.execute({ kind: 'countEntries', store, owner: checked('owner', owner) })
    },
    async replace(owner, id, { value, text = '' }) {
      checked('owner', owner)
      const json = checkedValue(value, text)
      return executor.execute({
        kind: 'replaceEntry',
        store,
        owner,
        id: checked('id', id),
        value: json,
        text,
      })
    },
    async remove(owner, which = {}) {
      checked('owner', owner)
      checkedTime(which.before ?? 0)
      checkedLimit(which.most)
      return executor.execute({ kind: 'removeEntries', store, owner, which })
    },
  }
}

/** Words of an archive that nobody searches are not indexed: what came since the last search is, some at a time. */
async function indexWords(executor: Executor, store: string, owner: string): Promise<void> {
  let isDone = false
  while (!isDone) isDone = await executor.execute({ kind: 'indexWords', store, owner, most: mostWordsAtOnce })
}

function newEntryOf({
  id,
  when,
  with: party,
  value,
  resource = '',
  text = '',
}: NewArchiveEntry): NewStoredEntry {
  checkedTime(when)
  const json = checkedValue(value, text)
  checked('id', id)
  checked('with', party)
  checked('resource', resource)
  return { id, when, with: party, value: json, resource, text }
}

/** The value of an entry as JSON, that may be kept with its text. */
function checkedValue(value: Value, text: string): string {
  const json = jsonOf(value)
  if (json === null) throw new TypeError('an entry needs a value')
  if (text.length > maxValueLength) throw new StorageError('too-big', `a text of ${text.length} characters`)
  return json
}

function entryOf<V extends Value>(entry: ArchiveEntry<string>): ArchiveEntry<V> {
  return { id: entry.id, when: entry.when, with: entry.with, value: parsed(entry.value) }
}

function parsed<V extends Value>(json: string): V {
  return JSON.parse(json)
}

function jsonOf(value: Value | undefined): string | null {
  if (value === undefined) return null
  const json = JSON.stringify(value)
  if (json.length <= maxValueLength) return json
  throw new StorageError('too-big', `a value of ${json.length} characters; ${maxValueLength} may be kept`)
}

function checked(what: string, text: string): string {
  // Half a surrogate pair has no UTF-8: two such texts could become one.
  if (!text.isWellFormed()) throw new RangeError(`${what} is not Unicode text`)
  const length = text.length * 3 <= maxKeyBytes ? 0 : Buffer.byteLength(text)
  if (length <= maxKeyBytes) return text
  throw new StorageError('too-big', `${what} has ${length} bytes; ${maxKeyBytes} may be kept`)
}

function checkedLimit(limit: number | undefined): number | undefined {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 0)) return limit
  throw new RangeError(`not a number of entries: ${limit}`)
}

function checkedTime(time: number): void {
  if (!Number.isFinite(time)) throw new RangeError(`not a time: ${time}`)
}
