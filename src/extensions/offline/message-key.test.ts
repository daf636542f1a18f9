import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageKey } from './message-key.ts'

test('keys are the same as text and back, and in the order in which messages came', () => {
  const keys = [new MessageKey(0, 1), new MessageKey(9, 2), new MessageKey(1_767_225_600_000, 3)]
  keys.push(new MessageKey(1_767_225_600_000, 20), new MessageKey(1_767_225_600_001, 21))
  const texts = keys.map(({ text }) => text)
  assert.deepEqual(texts.toSorted(), texts)
  assert.equal(texts[2], '001767225600000-000000003')
  for (const key of keys) assert.ok(MessageKey.of(key.text).equals(key))
  assert.equal(keys[2]?.equals(keys[3] as MessageKey), false)
})
