// Entries that have come and are not in the indexes of their archives yet, when something goes wrong.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import {
  afterKill,
  answerOf,
  append,
  erase,
  idsIn,
  isKept,
  newPath,
  remove,
  setTrap,
  store,
} from '../../test/storage-engine.ts'
import { Engine } from './engine.ts'
import { sqlite } from './sqlite.ts'

for (const trap of ['commit', 'rollback'] as const) {
  test(`entries that cannot be put into their indexes wait on, and no read passes them over (${trap})`, () => {
    const path = newPath()
    const engine = new Engine({ path })
    engine.run([append('one'), append('two', { owner: 'b' })])
    const release = setTrap(path, trap)
    engine.settle()
    assert.equal(engine.isSettled, false)
    assertRead(trap, engine, ['one'])
    assert.deepEqual(isKept(engine, [append('three'), append('one')]), [true, false])
    assert.deepEqual(idsIn(engine, 'nobody'), [])
    const killed = afterKill(path)
    assertRead(trap, killed.engine, ['one', 'three'])
    killed.engine.close()
    release()
    assert.deepEqual([idsIn(engine), idsIn(engine, 'b')], [['one', 'three'], ['two']])
    engine.settle()
    assert.equal(engine.isSettled, true)
    engine.close()
  })
}

/** Where only the commit fails, what has come can be read all the same. */
function assertRead(trap: 'commit' | 'rollback', engine: Engine, ids: string[]): void {
  if (trap === 'commit') assert.deepEqual(idsIn(engine), ids)
  else assert.throws(() => idsIn(engine), /trapped/)
}

test('entries that were not committed leave no gap, and their ids can be used', () => {
  const path = newPath()
  const engine = new Engine({ path })
  const other = new DatabaseSync(path)
  other.exec(`create table parent (x integer primary key);
    create table child (x references parent deferrable initially deferred);
    create trigger trap after insert on entry when new.value = 'bad' begin insert into child values (1); end`)
  engine.run([append('e5')])
  const bad = { value: 'bad' }
  assert.deepEqual(isKept(engine, [append('e1', bad), append('e2'), append('e9', bad)]), [false, true, false])
  assert.deepEqual(isKept(engine, [append('e9', { owner: 'b', ...bad })]), [false])
  engine.run([append('e9', { owner: 'c' })])
  assert.deepEqual(isKept(engine, [append('e1'), append('e2'), append('e9')]), [true, false, true])
  assert.equal(engine.isSettled, false)
  assert.deepEqual(
    [idsIn(engine), idsIn(engine, 'b'), idsIn(engine, 'c')],
    [['e5', 'e2', 'e1', 'e9'], [], ['e9']],
  )
  assert.equal(answerOf(engine, { kind: 'countEntries', store, owner: 'a' }), 4)
  other.close()
  engine.close()
})

test('an id that waits again, as it could not be put into its index, is found among what waits', () => {
  const path = newPath()
  const engine = new Engine({ path })
  engine.run([append('e5'), append('e3')])
  const release = setTrap(path, 'commit')
  // The first puts all into indexes to look for the id, so the last two are all that waits, until the commit fails.
  const batch = [append('e3'), append('e9', { owner: 'b' }), append('e1', { owner: 'b' })]
  assert.deepEqual(isKept(engine, batch), [false, true, true])
  release()
  assert.deepEqual(
    [idsIn(engine), idsIn(engine, 'b')],
    [
      ['e5', 'e3'],
      ['e9', 'e1'],
    ],
  )
  engine.close()
})

test('an archive that was erased after a refused entry gets a new number, and shares it with nobody', () => {
  const engine = new Engine({ path: newPath() })
  engine.run([append('one')])
  engine.settle()
  assert.deepEqual(isKept(engine, [append('one')]), [false])
  engine.run([erase()])
  engine.run([append('two')])
  engine.run([append('other', { owner: 'b' })])
  assert.deepEqual([idsIn(engine), idsIn(engine, 'b')], [['two'], ['other']])
  assert.deepEqual(isKept(engine, [append('two'), erase(), append('two')]), [false, true, true])
  assert.deepEqual([idsIn(engine), idsIn(engine, 'b')], [['two'], ['other']])
  engine.close()
})

test('places go on without a gap when entries are removed after a refused one', () => {
  const engine = new Engine({ path: newPath() })
  engine.run([append('e1', { when: 10 }), append('late', { when: 1 }), append('e2', { when: 10 })])
  engine.settle()
  assert.deepEqual(isKept(engine, [append('e2'), remove({ before: 5 })]), [false, true])
  engine.run([append('e3', { when: 20 })])
  assert.equal(answerOf(engine, { kind: 'countEntries', store, owner: 'a' }), 3)
  assert.deepEqual(idsIn(engine), ['e1', 'e2', 'e3'])
  engine.close()
})

test('past what may wait, entries are refused for the reason for which the others wait, until that is gone', () => {
  const path = newPath()
  const engine = new Engine({ path })
  const release = setTrap(path, 'commit')
  const ids = Array.from({ length: 9000 }, (_, index) => `e${String(index).padStart(5, '0')}`)
  const kept: string[] = []
  for (let first = 0; first < ids.length; first += 250) {
    const batch = ids.slice(first, first + 250)
    const outcomes = isKept(
      engine,
      batch.map((id) => append(id)),
    )
    kept.push(...batch.filter((_, index) => outcomes[index]))
  }
  assert.equal(kept.length, 8192)
  assert.deepEqual(isKept(engine, [append('refused'), { kind: 'setValue', store, owner: 'a', value: '1' }]), [
    false,
    true,
  ])
  release()
  engine.settle()
  assert.deepEqual(isKept(engine, [append('z')]), [true])
  assert.deepEqual(idsIn(engine), [...kept, 'z'])
  engine.close()
})

test('in a full file what has come can be read and removed, however much room its indexes take', () => {
  const engine = new Engine({ path: newPath(), maxFileBytes: 6_000_000 })
  const names = { with: 'w'.repeat(2000), resource: 'r'.repeat(1000) }
  const owners: string[] = []
  for (let first = 0; first < 1500; first += 50) {
    const batch = Array.from({ length: 50 }, (_, index) => `o${first + index}`)
    const outcomes = isKept(
      engine,
      batch.map((owner) => append('e', { owner, ...names })),
    )
    owners.push(...batch.filter((_, index) => outcomes[index]))
  }
  assert.ok(owners.length > 500 && owners.length < 1500)
  for (const owner of owners) assert.deepEqual(idsIn(engine, owner), ['e'])
  for (const owner of owners) assert.equal(answerOf(engine, remove({}, owner)), 1)
  assert.deepEqual(isKept(engine, [append('z', names)]), [true])
  engine.close()
})

test('what a former process left is not passed over where it cannot be put into its archive', async () => {
  const path = newPath()
  const engine = new Engine({ path })
  engine.run([append('one')])
  engine.settle()
  engine.run([append('two')])
  const release = setTrap(path, 'rollback')
  const killed = afterKill(path)
  killed.engine.close()
  release()
  engine.close()
  const driver = sqlite(killed.path)
  const archive = driver.archive(store)
  await assert.rejects(archive.count('a'), /trapped/)
  const other = new DatabaseSync(killed.path)
  other.exec('drop trigger trap')
  other.close()
  assert.equal(await archive.count('a'), 2)
  await driver.close()
})

test('what a tool keeps beside a server is found by the server at once', async () => {
  const path = newPath()
  const server = sqlite(path)
  const tool = sqlite(path, { isShared: true })
  await server.archive(store).append('a', { id: 'one', when: 0, with: '', value: 1 })
  assert.equal(await server.archive(store).count('a'), 1)
  await tool.archive(store).append('a', { id: 'two', when: 0, with: '', value: 2 })
  assert.equal(await server.archive(store).count('a'), 2)
  await tool.close()
  await server.close()
})
