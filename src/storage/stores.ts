// The three shapes over an executor: values become JSON text here, and what may not be kept is refused.
import { Appender } from './appender.ts'
import { checked, checkedLimit, checkedTime, checkedValue, jsonOf } from './checked.ts'
import type { Executor, Operation } from './operation.ts'
import type { Archive, ArchiveEntry, Collection, Driver, ItemChanges, KeyValue, Value } from './storage.ts'

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
    async setLast(owner, make) {
      checked('owner', owner)
      let isMade = false
      const makeOperation = (): Operation<'setLast'> | undefined => {
        const value = make()
        if (value === undefined) return undefined
        isMade = true
        return { kind: 'setLast', store, owner, value: checkedValue(value, '') }
      }
      const answer = await executor.executeLate({ store, owner, isLast: true, make: makeOperation })
      return isMade && answer !== false
    },
    async owners({ after, limit } = {}) {
      return executor.execute({ kind: 'owners', store, after, limit: checkedLimit(limit) })
    },
  }
}

function collectionOver<V extends Value>(executor: Executor, store: string): Collection<V> {
  function operationOf(owner: string, all: ItemChanges<V>): Operation<'changeItems'> | undefined {
    const changes = Array.from(all, ([key, value]) => [checked('key', key), jsonOf(value)] as const)
    return changes.length === 0 ? undefined : { kind: 'changeItems', store, owner, changes }
  }
  async function change(owner: string, changes: ItemChanges<V>): Promise<void> {
    const operation = operationOf(checked('owner', owner), changes)
    if (operation) await executor.execute(operation)
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
    async changeLate(owner, make) {
      checked('owner', owner)
      await executor.executeLate({ store, owner, isLast: false, make: () => operationOf(owner, make()) })
    },
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
  const appender = new Appender<V>(executor, store)
  return {
    canSearch: true,
    append: (owner, entry, options) => appender.append(owner, entry, options),
    appendFor: (waiter, owner, entry, options) => appender.appendFor(waiter, owner, entry, options),
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

function entryOf<V extends Value>(entry: ArchiveEntry<string>): ArchiveEntry<V> {
  return { id: entry.id, when: entry.when, with: entry.with, value: parsed(entry.value) }
}

function parsed<V extends Value>(json: string): V {
  return JSON.parse(json)
}
