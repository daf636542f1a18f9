// What tests of entries that have just come have in common: files, and what is done with an archive in them.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after } from 'node:test'
import { Engine } from '../src/storage/engine.ts'
import type { NewStoredEntry, Operation, Outcome, StoredPage } from '../src/storage/operation.ts'
import type { ArchiveQuery, ArchiveRemoval } from '../src/storage/storage.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-arrivals-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0

/** The path of a file that is not there yet; gone with all others when the tests are over. */
export const newPath = (): string => join(folder, `${files++}.db`)

/** The archive that is meant unless another is named. */
export const store = 'd/x'

interface Appending extends Partial<NewStoredEntry> {
  readonly owner?: string
  readonly keep?: number
}

/** Appends an entry of that id, of which the rest does not matter unless it is given. */
export function append(id: string, { owner = 'a', keep = 1_000_000, ...rest }: Appending = {}): Operation {
  const entry = { id, when: 0, with: '', resource: '', text: '', value: '1', ...rest }
  return { kind: 'append', store, owner, entry, keep }
}

/** Removes entries of an archive. */
export function remove(which: ArchiveRemoval, owner = 'a'): Operation {
  return { kind: 'removeEntries', store, owner, which }
}

/** Removes all that an owner has. */
export function erase(owner = 'a'): Operation {
  return { kind: 'eraseOwner', prefix: 'd/', owner }
}

/** Which of the operations were done. */
export function isKept(engine: Engine, operations: readonly Operation[]): boolean[] {
  return engine.run(operations).map((outcome) => 'answer' in outcome)
}

/** What one operation answers. */
export function answerOf(engine: Engine, operation: Operation): unknown {
  const [outcome] = engine.run([operation]) as [Outcome]
  if ('fault' in outcome) throw new Error(outcome.fault.message)
  return outcome.answer
}

/** The ids of the entries that an archive has, or of those among them that fit. */
export function idsIn(engine: Engine, owner = 'a', query: Partial<ArchiveQuery> = {}): string[] {
  const all = { limit: 100_000, ...query }
  const page = answerOf(engine, { kind: 'find', store, owner, query: all }) as StoredPage
  return page.entries.map(({ id }) => id)
}

/** What a kill leaves of a file: opened where nothing of the former process is. */
export function afterKill(path: string): { path: string; engine: Engine } {
  const copy = newPath()
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix)
  return { path: copy, engine: new Engine({ path: copy }) }
}

const parents = `create table if not exists parent (x integer primary key);
  create table if not exists child (x references parent deferrable initially deferred);`

/**
 * How a transaction fails: one that puts entries into their indexes with its commit, or rolled back by SQLite itself; or one
 * that takes an entry, with its commit.
 */
const traps = {
  commit: `${parents} create trigger trap after update on settled begin insert into child values (1); end`,
  rollback: "create trigger trap after update on settled begin select raise(rollback, 'trapped'); end",
  entry: `${parents} create trigger trap after insert on entry begin insert into child values (1); end`,
}

/** The name of one of these ways. */
export type Trap = keyof typeof traps

/** Lets transactions fail, until the function that it answers is called. */
export function setTrap(path: string, trap: Trap): () => void {
  const database = new DatabaseSync(path)
  database.exec(traps[trap])
  return () => {
    database.exec('drop trigger trap')
    database.close()
  }
}
