// What is kept of accounts and read once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from './account.ts'
import { PerAccount } from './per-account.ts'

interface Value {
  readonly number: number
}

const account = {} as Account

/** Values that count, each there when the test says so. */
function makeValues() {
  const reads: PromiseWithResolvers<Value>[] = []
  const values = new PerAccount(() => {
    const read = Promise.withResolvers<Value>()
    reads.push(read)
    return read.promise
  })
  const end = (index: number) => reads[index]?.resolve({ number: index })
  return { values, reads, end }
}

test('it is read once, whoever asks meanwhile, and then there at once', async () => {
  const { values, reads, end } = makeValues()
  const asked = [values.of(account), values.of(account)]
  assert.equal(values.known(account), undefined)
  end(0)
  const [one, other] = await Promise.all(asked)
  assert.equal(one, other)
  assert.equal(values.of(account), one)
  assert.equal(values.known(account), one)
  assert.equal(reads.length, 1)
})

test('what could not be read is read again', async () => {
  const { values, reads, end } = makeValues()
  const first = values.of(account)
  reads[0]?.reject(new Error('no'))
  await assert.rejects(async () => first, /no/)
  const second = values.of(account)
  end(1)
  assert.deepEqual(await second, { number: 1 })
})

test('a change while it is read counts; what was forgotten meanwhile is read anew', async () => {
  const { values, end } = makeValues()
  const changed = values.of(account)
  values.set(account, { number: 9 })
  end(0)
  assert.deepEqual(await changed, { number: 9 })
  assert.deepEqual(values.known(account), { number: 9 })
  values.forget(account)
  const forgotten = values.of(account)
  values.forget(account)
  end(1)
  assert.deepEqual(await forgotten, { number: 1 })
  assert.equal(values.known(account), undefined)
  const again = values.of(account)
  end(2)
  assert.deepEqual(await again, { number: 2 })
})
