// Statements that happen together or not at all.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Savepoint } from './savepoint.ts'

function makeDatabase() {
  const database = new DatabaseSync(':memory:')
  database.exec('create table t (x integer primary key); begin')
  const values = () =>
    database
      .prepare('select x from t order by x')
      .all()
      .map((row) => row.x)
  return { database, savepoint: new Savepoint(database), values }
}

test('what fails is taken back, what was done before and after it in the transaction stays', () => {
  const { database, savepoint, values } = makeDatabase()
  savepoint.around(true, () => database.exec('insert into t values (1), (2)'))
  const twice = () => database.exec('insert into t values (3); insert into t values (1)')
  assert.throws(() => savepoint.around(true, twice), /UNIQUE/)
  savepoint.around(true, () => database.exec('insert into t values (4)'))
  database.exec('commit')
  assert.deepEqual(values(), [1, 2, 4])
})

test('if the transaction is gone, the reason for that is what is thrown', () => {
  const { database, savepoint } = makeDatabase()
  const rollBack = () => {
    database.exec('rollback')
    throw new Error('the reason')
  }
  assert.throws(() => savepoint.around(true, rollBack), /the reason/)
})
