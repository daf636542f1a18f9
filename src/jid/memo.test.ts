// The bounded memory behind parseJid.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Memo } from './memo.ts'

test('what was asked for lately stays, what was not goes', () => {
  const memo = new Memo<number>(100_000)
  memo.set('kept', 1)
  memo.set('forgotten', 2)
  for (let index = 0; index < 2000; index += 1) {
    memo.set(`other ${index}`, index)
    assert.equal(memo.get('kept'), 1)
  }
  assert.equal(memo.get('forgotten'), undefined)
})

test('the budget holds for many short and for few long keys', () => {
  const memo = new Memo<number>(1_000_000)
  for (let index = 0; index < 20_000; index += 1) memo.set(`${index}`, index)
  assert.ok(memo.size > 1000 && memo.size < 1_000_000 / 240)
  for (let index = 0; index < 2000; index += 1) memo.set(`${index}${'x'.repeat(1000)}`, index)
  assert.ok(memo.size > 50 && memo.size < 1_000_000 / 6000)
})
