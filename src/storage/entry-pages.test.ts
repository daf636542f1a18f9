// How pages of an archive are read: what SQLite says of each statement.
import assert from 'node:assert/strict'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { test } from 'node:test'
import { migrate } from './migrations.ts'
import type { ArchiveQuery } from './storage.ts'
import { Tables } from './tables.ts'

/** A database that notes what is prepared on it. */
class NotingDatabase extends DatabaseSync {
  readonly prepared = new Set<string>()

  override prepare(sql: string): StatementSync {
    this.prepared.add(sql)
    return super.prepare(sql)
  }
}

function planOf(database: DatabaseSync, sql: string): string[] {
  return database
    .prepare(`explain query plan ${sql}`)
    .all()
    .map((row) => String(row.detail))
}

const filters: Partial<ArchiveQuery>[] = [
  {},
  { start: 1, end: 9 },
  { after: 'e0', isCounted: true },
  { newerThan: 'e0', index: 1 },
  { with: 'x' },
  { with: 'x', start: 1 },
  { with: 'x', resource: 'r' },
  { ids: ['e0'] },
  { text: 'soft' },
  { text: 'soft', with: 'x', start: 1 },
]

test('every statement for a page goes by an index that begins with the archive, and is in order by it', () => {
  const database = new NotingDatabase(':memory:')
  migrate(database, ':memory:')
  const tables = new Tables(database, 0)
  const archive = { store: 'd/x', owner: 'a' }
  const entry = { id: 'e0', when: 5, with: 'x', resource: 'r', text: 'soft', value: '0' }
  tables.append({ kind: 'append', ...archive, entry, keep: 9 })
  tables.indexWords({ kind: 'indexWords', ...archive, most: 9 })
  tables.replaceEntry({ kind: 'replaceEntry', ...archive, id: 'e0', value: '1', text: 'soft' })
  for (const filter of filters) {
    for (const backward of filter.index === undefined ? [false, true] : [false]) {
      tables.find({ kind: 'find', ...archive, query: { limit: 5, backward, ...filter } })
    }
  }
  // Closing gaps goes through a whole archive, and is for clocks that ran back; indexing goes by the order of arrival.
  const statements = [...database.prepared].filter((sql) => /from entry|delete from entry/.test(sql))
  const checked = statements.filter((sql) => !/row_number|create|explain|insert|entry.number > /.test(sql))
  assert.ok(checked.length > 15)
  for (const sql of checked) {
    for (const step of planOf(database, sql)) {
      assert.doesNotMatch(step, /SCAN entry(?!_words)|AUTOMATIC/, sql)
      if (!sql.includes('json_each')) assert.doesNotMatch(step, /TEMP B-TREE/, sql)
      if (step.includes('SEARCH entry')) assert.match(step, /archive=\?|rowid=\?/, sql)
    }
  }
})

test('a party is found by an index of its own, and a resource in it', () => {
  const database = new NotingDatabase(':memory:')
  migrate(database, ':memory:')
  const tables = new Tables(database, 0)
  for (const query of [{ with: 'x' }, { with: 'x', resource: 'r' }]) {
    tables.find({ kind: 'find', store: 'd/x', owner: 'a', query: { limit: 5, ...query } })
  }
  const pages = [...database.prepared].filter((sql) => sql.includes('"with" = ?') && sql.includes('limit'))
  const indexes = pages.map(
    (sql) => /SEARCH (\w+) USING PRIMARY KEY/.exec(planOf(database, sql)[0] ?? '')?.[1],
  )
  assert.deepEqual(indexes, ['entry_by_party', 'entry_by_party'])
})
