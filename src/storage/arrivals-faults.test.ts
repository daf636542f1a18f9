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
  store,
} from '../../test/storage-engine.ts'
import { Engine } from './engine.ts'

/** Makes each transaction that puts entries into their indexes fail: with its commit, or rolled back by SQLite itself. */
const traps = {
  commit: `create table if not exists parent (x integer primary key);
    create table if not exists child (x references parent deferrable initially deferred);
    create trigger trap after update on settled begin insert into child values (1); end`,
  rollback: "create trigger trap after update on settled begin select raise(rollback, 'trapped'); end",
}

/** An engine, and a way to set a trap for it. */
function makeTrapped() {
  const path = newPath()
  const engine = new Engine({ path })
  const other = new DatabaseSync(path)
  return {
    path,
    engine,
    set: (trap: keyof typeof traps) => other.exec(traps[trap]),
    release: () => other.exec('drop trigger trap'),
    close: () => {
      other.close()
      engine.close()
    },
  }
}

for (const trap of ['commit', 'rollback'] as const) {
  test(`entries that cannot be put into their indexes wait on, and no read passes them over (${trap})`, () => {
    const { path, engine, set, release, close } = makeTrapped()
    engine.run([append('one'), append('two', { owner: 'b' })])
    set(trap)
    engine.settle()
    assert.equal(engine.isSettled, false)
    assert.throws(() => idsIn(engine), /constraint|trapped/)
    assert.deepEqual(isKept(engine, [append('three'), append('one')]), [true, false])
    assert.deepEqual(idsIn(engine, 'nobody'), [])
    const killed = afterKill(path)
    assert.throws(() => idsIn(killed.engine), /constraint|trapped/)
    killed.engine.close()
    release()
    assert.deepEqual([idsIn(engine), idsIn(engine, 'b')], [['one', 'three'], ['two']])
    engine.settle()
    assert.equal(engine.isSettled, true)
    close()
  })
}

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
