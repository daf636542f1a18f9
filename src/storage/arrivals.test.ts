// Entries that have come and are not in the indexes of their archives yet: after a kill, beside a tool, in a full file.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { pause } from '../../test/pause.ts'
import { afterKill, append, erase, idsIn, isKept, newPath, remove } from '../../test/storage-engine.ts'
import { Engine } from './engine.ts'
import { sqlite } from './sqlite.ts'

test('what was acknowledged and not yet put into its archive is there after a kill, in order, once', () => {
  const path = newPath()
  const engine = new Engine({ path })
  engine.run([append('one'), append('two', { owner: 'b' })])
  engine.run([append('three')])
  assert.equal(engine.isSettled, false)
  const killed = afterKill(path)
  assert.equal(killed.engine.isSettled, true)
  assert.deepEqual(idsIn(killed.engine), ['one', 'three'])
  assert.deepEqual(isKept(killed.engine, [append('one'), append('four')]), [false, true])
  const again = afterKill(killed.path)
  assert.deepEqual(idsIn(again.engine), ['one', 'three', 'four'])
  assert.deepEqual(idsIn(again.engine, 'b'), ['two'])
  for (const one of [engine, killed.engine, again.engine]) one.close()
})

test('a tool beside the server sees what has come, and each goes on behind what the other kept', () => {
  const path = newPath()
  const server = new Engine({ path })
  server.run([append('one')])
  const tool = new Engine({ path, isShared: true })
  assert.deepEqual(idsIn(tool), ['one'])
  tool.run([append('two')])
  server.run([append('three')])
  tool.run([append('four')])
  assert.deepEqual(isKept(server, [append('four'), append('two')]), [false, false])
  const all = ['one', 'two', 'three', 'four']
  assert.deepEqual([idsIn(server), idsIn(tool)], [all, all])
  tool.run([erase()])
  server.run([append('five')])
  assert.deepEqual(idsIn(server), ['five'])
  tool.close()
  server.close()
})

test('no more than some thousands gather, and those over the bound that an archive keeps are gone', () => {
  const engine = new Engine({ path: newPath() })
  let gathered = 0
  for (let batch = 0; batch < 40; batch += 1) {
    engine.run(Array.from({ length: 256 }, (_, index) => append(`e${batch}-${index}`, { keep: 300 })))
    gathered = engine.isSettled ? 0 : gathered + 256
    assert.ok(gathered <= 8192)
  }
  assert.equal(idsIn(engine).length, 300)
  assert.equal(idsIn(engine).at(-1), 'e39-255')
  engine.close()
})

test('an id can be used again once its entry is one too many, and the new one is read at once', () => {
  const engine = new Engine({ path: newPath() })
  const batch = ['e5', 'e6', 'e5'].map((id) => append(id, { keep: 1 }))
  assert.deepEqual(isKept(engine, batch), [true, true, true])
  assert.deepEqual(idsIn(engine), ['e5'])
  engine.close()
})

test('in a full file all that was acknowledged can be read, and what was refused is not there', () => {
  const path = newPath()
  const engine = new Engine({ path, maxFileBytes: 400_000 })
  const kept: string[] = []
  for (let batch = 0; batch < 40; batch += 1) {
    const ids = Array.from({ length: 32 }, (_, index) => `e${batch}-${index}`)
    const outcomes = isKept(
      engine,
      ids.map((id) => append(id, { value: JSON.stringify('x'.repeat(400)) })),
    )
    kept.push(...ids.filter((_, index) => outcomes[index]))
  }
  assert.ok(kept.length > 100 && kept.length < 1280)
  const killed = afterKill(path)
  assert.deepEqual([idsIn(engine), idsIn(killed.engine)], [kept, kept])
  engine.run([remove({ most: 500 })])
  assert.deepEqual(isKept(engine, [append('z')]), [true])
  assert.deepEqual(idsIn(engine), [...kept.slice(500), 'z'])
  killed.engine.close()
  engine.close()
})

test('what has come is put into its archive though nobody asks, and before a file is closed', {
  timeout: 20_000,
}, async () => {
  const path = newPath()
  const driver = sqlite(path)
  const keep = (id: string) => driver.archive('d/x').append('a', { id, when: 0, with: '', value: 1 })
  await keep('one')
  const other = new DatabaseSync(path)
  const idsInIndex = () => Number(other.prepare('select count(*) as count from entry_by_id').get()?.count)
  while (idsInIndex() === 0) await pause()
  await keep('two')
  await driver.close()
  assert.equal(idsInIndex(), 2)
  other.close()
})
