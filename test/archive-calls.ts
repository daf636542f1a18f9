// Calls on archives with any arguments, for properties.
import fc from 'fast-check'
import type { Archive, ArchiveQuery } from '../src/storage/storage.ts'

/** One of two owners. */
export const owner = fc.constantFrom('a', 'b')
/** Few times, in any order, as if clocks ran back all the time. */
const time = fc.nat(12)
/** Few, of which some are greater than others in UTF-16 and less in UTF-8. */
const id = fc.nat(30).map((number) => `${['e', 'e', 'é', '\u{ffff}', '😀'][number % 5]}${number}`)
const party = fc.constantFrom('x', 'y')
/** Given as often as not. */
export const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined, freq: 2 })
const rarely = <T>(some: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some })
const resource = fc.constantFrom('home', 'phone')
const text = fc.constantFrom('but', 'soft', 'but soft', 'soft but')

/** A call with all its arguments. */
export type Call<Store> = (store: Store) => Promise<unknown>

/** Calls on a store with any arguments. */
export function calls<Store, Args extends unknown[]>(
  args: fc.Arbitrary<Args>,
  call: (store: Store, ...args: Args) => Promise<unknown>,
): fc.Arbitrary<Call<Store>> {
  return args.map((given) => (store) => call(store, ...given))
}

/** The archives that are called. */
export type Log = Omit<Archive<number>, 'appendFor'>

function queries(words: fc.Arbitrary<string | undefined>): fc.Arbitrary<ArchiveQuery> {
  const fields = fc.record({
    ...{ start: maybe(time), end: maybe(time), with: maybe(party), after: maybe(id), before: maybe(id) },
    ...{ newerThan: rarely(id), olderThan: rarely(id), ids: rarely(fc.array(id, { maxLength: 3 })) },
    ...{ resource: rarely(resource), text: words, index: rarely(fc.nat(8)) },
    ...{ backward: fc.boolean(), limit: fc.nat(6) },
  })
  return fields.map(({ backward, after, before, ...rest }) =>
    rest.index === undefined ? { ...rest, backward, after, before } : rest,
  ) as fc.Arbitrary<ArchiveQuery>
}

function entryReads(words: fc.Arbitrary<string | undefined>): fc.Arbitrary<Call<Log>> {
  const finds = calls(fc.tuple(owner, queries(words)), (store: Log, o, q) => store.find(o, q))
  const counts = calls(fc.tuple(owner), (store: Log, o) => store.count(o))
  return fc.oneof({ weight: 9, arbitrary: finds }, { weight: 1, arbitrary: counts })
}

/** Reads of any kind. */
export const reads = entryReads(rarely(text))
/** Reads that look for no words: what is written while words are looked for may be found or not. */
export const wordlessReads = entryReads(fc.constant(undefined))
const rest = fc.record({ resource, text, keep: rarely(fc.integer({ min: 5, max: 20 })) })
const append = calls(fc.tuple(owner, id, time, party, rest), (store: Log, o, name, when, other, more) => {
  const entry = { id: name, when, with: other, value: when, resource: more.resource, text: more.text }
  return store.append(o, entry, more.keep === undefined ? {} : { keep: more.keep })
})
const remove = calls(fc.tuple(owner, fc.nat(15), rarely(fc.nat(3))), (store: Log, o, before, most) =>
  store.remove(o, { ...(before > 12 ? {} : { before }), ...(most === undefined ? {} : { most }) }),
)
const replace = calls(fc.tuple(owner, id, fc.nat(9), rarely(text)), (store: Log, o, name, value, words) =>
  store.replace(o, name, words === undefined ? { value } : { value, text: words }),
)
/** Writes of any kind. */
export const entryWrites = fc.oneof(
  { weight: 9, arbitrary: append },
  { weight: 2, arbitrary: replace },
  { weight: 1, arbitrary: remove },
)
