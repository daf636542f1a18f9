// Entries that can only be kept in part.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { Engine } from './engine.ts'
import type { Operation } from './operation.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-entries-'))
after(() => rmSync(folder, { recursive: true }))

const archive = { store: 'd/x', owner: 'a' }

function append(id: string, text: string): Operation {
  const entry = { id, when: 0, with: '', resource: '', text, value: '0' }
  return { kind: 'append', ...archive, entry, keep: 9 }
}

test('an entry whose words cannot be kept is not kept, and those beside it are', () => {
  const path = join(folder, 'wordless.db')
  const engine = new Engine({ path })
  const other = new DatabaseSync(path)
  other.exec('drop table entry_words')
  other.close()
  const outcomes = engine.run([append('one', ''), append('two', 'soft'), append('three', '')])
  assert.deepEqual(
    outcomes.map((outcome) => 'fault' in outcome),
    [false, true, false],
  )
  const [found] = engine.run([{ kind: 'find', ...archive, query: { limit: 9 } }])
  const page = found as { answer: { entries: { id: string }[] } }
  assert.deepEqual(
    page.answer.entries.map(({ id }) => id),
    ['one', 'three'],
  )
  engine.close()
})
