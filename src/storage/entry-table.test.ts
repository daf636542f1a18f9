// Entries that can only be kept in part.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { Engine } from './engine.ts'
import type { Operation } from './operation.ts'
import type { ArchiveQuery } from './storage.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-entries-'))
after(() => rmSync(folder, { recursive: true }))

const archive = { store: 'd/x', owner: 'a' }

function append(id: string, text: string): Operation {
  const entry = { id, when: 0, with: '', resource: '', text, value: '0' }
  return { kind: 'append', ...archive, entry, keep: 9 }
}

test('an entry whose words cannot be indexed is kept and read, and found again once they can', () => {
  const path = join(folder, 'wordless.db')
  const engine = new Engine({ path })
  const other = new DatabaseSync(path)
  const [table] = other.prepare("select sql from sqlite_schema where name = 'entry_words'").all()
  other.exec('drop table entry_words')
  const isFault = (operations: Operation[]) => engine.run(operations).map((outcome) => 'fault' in outcome)
  assert.deepEqual(isFault([append('one', 'soft'), append('two', 'light')]), [false, false])
  assert.deepEqual(isFault([{ kind: 'indexWords', ...archive, most: 9 }, append('three', 'soft')]), [
    true,
    false,
  ])
  assert.deepEqual(idsOf(engine, { limit: 9 }), ['one', 'two', 'three'])
  other.exec(String(table?.sql))
  other.close()
  assert.deepEqual(isFault([{ kind: 'indexWords', ...archive, most: 9 }]), [false])
  assert.deepEqual(idsOf(engine, { limit: 9, text: 'soft' }), ['one', 'three'])
  engine.close()
})

function idsOf(engine: Engine, query: ArchiveQuery): string[] {
  const [found] = engine.run([{ kind: 'find', ...archive, query }])
  return (found as { answer: { entries: { id: string }[] } }).answer.entries.map(({ id }) => id)
}
