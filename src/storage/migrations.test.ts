// Files of older and newer versions.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { type Migration, migrate, migrations } from './migrations.ts'
import { sqlite } from './sqlite.ts'
import type { ArchiveQuery, Driver } from './storage.ts'
import { tokensOf } from './words.ts'

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

/** What version 2 wrote in two archives of one owner: that of `d/log` has an entry that came late. */
const contentOfVersion2 = `
  insert into store values (3, 'd/log', 'archive'), (4, 'e/log', 'archive');
  insert into entry (store, owner, id, time, "with", value, latest) values
    (3, 'a@d', 'e0', 100, 'b@d', '0', 100), (3, 'a@d', 'e1', 300, 'c@d', '1', 300), (4, 'a@d', 'e0', 900, '', '9', 900),
    (3, 'a@d', 'e2', 200, 'b@d', '2', 300), (3, 'a@d', 'e3', 400, 'b@d', '3', 400);
`

/** Version 3 had the same, of which it has removed `e0`, and words of `e1`, `e2` and what is in `e/log`. */
function writeVersion3(database: DatabaseSync): void {
  database.exec(
    "delete from entry where store = 3 and id = 'e0'; update entry set resource = 'r' where id = 'e2'",
  )
  const texts = [
    [3, 'e1', 'soft light'],
    [3, 'e2', 'light'],
    [4, 'e0', 'soft'],
  ] as const
  for (const [store, id, text] of texts) {
    const words = tokensOf(text, store, 'a@d').join(' ')
    const which = `from entry where store = ${store} and id = '${id}'`
    database.prepare(`insert into entry_words (rowid, words) select number, ? ${which}`).run(words)
    database.exec(`update entry set has_words = 1 where number in (select number ${which})`)
  }
}

test('in a file of version 2 entries that came late are found by their time, and each archive has its own', async () => {
  const path = join(folder, 'version-2.db')
  onFile(path, (database) => {
    migrate(database, path, migrations.slice(0, 2))
    database.exec(contentOfVersion2)
  })
  const driver = sqlite(path)
  assert.deepEqual(await valuesIn(driver, 'd/log', {}), [0, 1, 2, 3])
  assert.deepEqual(await valuesIn(driver, 'd/log', { start: 150, end: 250 }), [2])
  assert.deepEqual(await valuesIn(driver, 'e/log', {}), [9])
  await driver.archive<number>('d/log').remove('a@d', { before: 250 })
  assert.deepEqual(await valuesIn(driver, 'd/log', { index: 1 }), [3])
  await driver.close()
})

test('in a file of version 3 words are found as they were, with those of what comes after and without what goes', async () => {
  const path = join(folder, 'version-3.db')
  onFile(path, (database) => {
    migrate(database, path, migrations.slice(0, 2))
    database.exec(contentOfVersion2)
    migrate(database, path, migrations.slice(0, 3))
    writeVersion3(database)
  })
  const driver = sqlite(path)
  const archive = driver.archive<number>('d/log')
  assert.deepEqual(await valuesIn(driver, 'd/log', { with: 'b@d', resource: 'r' }), [2])
  assert.deepEqual(await valuesIn(driver, 'd/log', { text: 'light' }), [1, 2])
  await archive.append('a@d', { id: 'e4', when: 350, with: '', value: 4, text: 'soft' })
  assert.deepEqual(await valuesIn(driver, 'd/log', { text: 'soft' }), [1, 4])
  await archive.replace('a@d', 'e1', { value: 11, text: 'sun' })
  await archive.remove('a@d', { before: 250 })
  assert.deepEqual(await valuesIn(driver, 'd/log', { text: 'light' }), [])
  assert.deepEqual(await valuesIn(driver, 'd/log', { text: 'soft' }), [4])
  assert.deepEqual(await valuesIn(driver, 'd/log', { text: 'sun' }), [11])
  assert.deepEqual(await valuesIn(driver, 'd/log', { index: 0 }), [11, 3, 4])
  await driver.eraseOwner('d', 'a@d')
  assert.deepEqual(await valuesIn(driver, 'e/log', { text: 'soft' }), [9])
  await driver.close()
})

async function valuesIn(driver: Driver, store: string, query: Partial<ArchiveQuery>) {
  const page = await driver.archive<number>(store).find('a@d', { limit: 9, ...query })
  return page?.entries.map(({ value }) => value)
}

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
