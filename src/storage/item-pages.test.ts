// How a range of a collection's keys is read: what SQLite says of each statement.
import assert from 'node:assert/strict'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { test } from 'node:test'
import { migrate } from './migrations.ts'
import { Tables } from './tables.ts'

/** A database that notes what is prepared on it. */
class NotingDatabase extends DatabaseSync {
  readonly prepared = new Set<string>()

  override prepare(sql: string): StatementSync {
    this.prepared.add(sql)
    return super.prepare(sql)
  }
}

test('the first so many keys are removed without looking at more than those', () => {
  const database = new NotingDatabase(':memory:')
  migrate(database, ':memory:')
  new Tables(database, 0)
  const [sql] = [...database.prepared].filter((sql) => /delete from item .* key </.test(sql))
  const steps = database.prepare(`explain query plan ${sql}`).all()
  assert.deepEqual(
    steps.map((row) => String(row.detail)),
    [
      'SEARCH item USING PRIMARY KEY (store=? AND owner=? AND key<?)',
      'SCALAR SUBQUERY 1',
      'SEARCH item USING PRIMARY KEY (store=? AND owner=?)',
    ],
  )
})

test('a range of keys is read from its first to its last, in order, whatever lies around it', () => {
  const database = new NotingDatabase(':memory:')
  migrate(database, ':memory:')
  new Tables(database, 0)
  const pages = [...database.prepared].filter((sql) => /from item .* and key >/.test(sql))
  assert.equal(pages.length, 4)
  for (const sql of pages) {
    const steps = database.prepare(`explain query plan ${sql}`).all()
    assert.deepEqual(
      steps.map((row) => String(row.detail).replace(/INDEX \w+/, 'INDEX')),
      ['SEARCH item USING PRIMARY KEY (store=? AND owner=? AND key>? AND key<?)'],
      sql,
    )
  }
})
