// Files of older and newer versions.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { type Migration, migrate, migrations } from './migrations.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-migrations-'))
after(() => rmSync(folder, { recursive: true }))

/** Does `action` on a file directly, as some other version of the program would. */
function onFile<T>(path: string, action: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path)
  try {
    return action(database)
  } finally {
    database.close()
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('pragma user_version').get()?.user_version)
}

/** What version 1 wrote. */
const contentOfVersion1 = `
  insert into store values (1, 'd/accounts', 'key-value'), (2, 'd/roster', 'collection'), (3, 'd/log', 'archive');
  insert into key_value values (1, 'a@d', '{"key":1}');
  insert into item values (2, 'a@d', 'b@d', '{"name":"B"}');
  insert into entry (store, owner, id, time, "with", value) values
    (3, 'a@d', 'e0', 100, 'b@d', '0'), (3, 'a@d', 'e1', 300, 'c@d', '1'), (3, 'b@d', 'e0', 900, '', '9'),
    (3, 'a@d', 'e2', 200, 'b@d', '2'), (3, 'a@d', 'e3', 400, 'b@d', '3');
`

test('a file of version 1 is brought up to date, and what it held can be used', async () => {
  const path = join(folder, 'old.db')
  onFile(path, (database) => {
    migrate(database, path, migrations.slice(0, 1))
    database.exec(contentOfVersion1)
  })
  const driver = sqlite(path)
  assert.deepEqual(await driver.keyValue('d/accounts').get('a@d'), { key: 1 })
  assert.deepEqual(await driver.collection('d/roster').all('a@d'), new Map([['b@d', { name: 'B' }]]))
  const archive = driver.archive<number>('d/log')
  await archive.append('a@d', { id: 'e4', when: 350, with: 'b@d', value: 4 })
  const find = async (query: object) => {
    const page = await archive.find('a@d', { limit: 9, ...query })
    return page?.entries.map(({ value }) => value)
  }
  assert.deepEqual(await find({}), [0, 1, 2, 3, 4])
  assert.deepEqual(await find({ start: 200, end: 350 }), [1, 2, 4])
  assert.deepEqual(await find({ with: 'b@d', after: 'e0', before: 'e4' }), [2, 3])
  await driver.close()
  assert.equal(onFile(path, versionOf), migrations.length)
})

test('a file of a newer version is refused with both versions, and left alone', async () => {
  const path = join(folder, 'newer.db')
  const driver = sqlite(path)
  await driver.open()
  await driver.close()
  onFile(path, (database) => database.exec('pragma user_version = 1234'))
  for (const options of [{}, { isShared: true }]) {
    const again = sqlite(path, options)
    await assert.rejects(again.open(), (error: Error & { condition?: string }) => {
      assert.equal(error.condition, 'newer')
      assert.match(error.message, /newer\.db.*1234.*up to \d/)
      return true
    })
    await again.close()
  }
  assert.equal(onFile(path, versionOf), 1234)
})

test('steps are taken in order, each once', () => {
  const taken: number[] = []
  const steps: Migration[] = [0, 1, 2].map((number) => () => taken.push(number))
  onFile(join(folder, 'steps.db'), (database) => {
    migrate(database, '', steps.slice(0, 1))
    migrate(database, '', steps)
    migrate(database, '', steps)
  })
  assert.deepEqual(taken, [0, 1, 2])
})

test('a step that fails leaves the version before it whole, and can be taken again', () => {
  onFile(join(folder, 'failing.db'), (database) => {
    const first: Migration = (database) => database.exec('create table first (x)')
    const half: Migration = (database) => database.exec('create table second (x); drop table missing')
    assert.throws(() => migrate(database, '', [first, half]), /missing/)
    assert.equal(versionOf(database), 1)
    const tables = database.prepare('select name from sqlite_schema').all()
    assert.deepEqual(
      tables.map(({ name }) => name),
      ['first'],
    )
    migrate(database, '', [first, (database) => database.exec('create table second (x)')])
    assert.equal(versionOf(database), 2)
  })
})
