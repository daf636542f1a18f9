// What travels between threads is the same on the other side.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { append, erase, remove } from '../../test/storage-engine.ts'
import type { Outcome } from './operation.ts'
import { packBatch, packOutcomes, unpackBatch, unpackOutcomes } from './packed.ts'

const entry = { when: 0.5, with: 'x@y', resource: 'r', value: '"v"', text: 't' }
const all = append('e1', { owner: 'a@b', keep: 7, ...entry })
const unlimited = { ...append('', { owner: '' }), keep: undefined }
const batches = [[], [all], [all, unlimited], [erase(), all, remove({ most: 1 }), unlimited, all], [erase()]]

for (const batch of batches) {
  const kinds = batch.map(({ kind }) => kind).join(', ')
  test(`a batch arrives as it was sent: ${kinds || 'nothing'}`, () => {
    assert.deepEqual(unpackBatch(structuredClone(packBatch(batch))), batch)
  })
}

const done: Outcome = { answer: undefined }
const refused: Outcome = { fault: { condition: 'full', message: 'm', cause: undefined } }
for (const outcomes of [
  [done, done],
  [],
  [refused],
  [done, refused],
  [done, { answer: 1 }],
  [{ answer: null }],
]) {
  test(`outcomes arrive as they were: ${JSON.stringify(outcomes)}`, () => {
    const packed = structuredClone(packOutcomes(outcomes))
    assert.deepEqual(unpackOutcomes(packed, outcomes.length), outcomes)
    assert.equal(packed === 'done', !outcomes.some((outcome) => outcome !== done))
  })
}
