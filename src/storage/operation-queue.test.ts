// The queue before a database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patientQueue, turn } from '../../test/patient-queue.ts'
import type { Operation } from './operation.ts'
import { StorageError } from './storage-error.ts'

function write(owner: string, value = '1'): Operation {
  return { kind: 'setValue', store: 'd/x', owner, value }
}

test('what is asked for at once is one batch; what comes while it is away is the next', async () => {
  const { queue, batches, work } = patientQueue()
  queue.start()
  const first = ['a', 'b', 'c'].map((owner) => queue.push(write(owner)))
  await turn()
  const second = ['d', 'e'].map((owner) => queue.push(write(owner)))
  await turn()
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [3],
  )
  assert.equal(await work(), 3)
  await Promise.all(first)
  assert.equal(await work(), 2)
  await Promise.all(second)
  assert.ok(queue.isEmpty)
})

test('what the answers lead to is in the next batch', async () => {
  const { queue, batches, work } = patientQueue()
  queue.start()
  const first = queue.push(write('a')).then(() => queue.push(write('c')))
  await turn()
  const second = queue.push(write('b'))
  await work()
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [2],
  )
  await work()
  await Promise.all([first, second])
})

test('no promise resolves before the answer to its batch', async () => {
  const { queue, work } = patientQueue({ maxBatch: 1 })
  queue.start()
  const resolved: string[] = []
  const all = ['a', 'b'].map((owner) => queue.push(write(owner)).then(() => resolved.push(owner)))
  await turn()
  assert.deepEqual(resolved, [])
  await work()
  await turn()
  assert.deepEqual(resolved, ['a'])
  await work()
  await Promise.all(all)
})

test('a batch has at most so many operations, and the rest waits in order', async () => {
  const { queue, batches, work } = patientQueue({ maxBatch: 2 })
  queue.start()
  const answers = ['a', 'b', 'c', 'd', 'e'].map((owner) => queue.push(write(owner)))
  await turn()
  const owners: string[][] = []
  while (batches[0]) {
    owners.push(batches[0].map((operation) => ('owner' in operation ? operation.owner : '')))
    await work()
  }
  assert.deepEqual(owners, [['a', 'b'], ['c', 'd'], ['e']])
  await Promise.all(answers)
})

test('a batch has values of at most so many characters, but always one operation', async () => {
  const { queue, batches, work } = patientQueue({ maxBatchLength: 10 })
  queue.start()
  const answers = [4, 4, 4, 30, 1].map((length) => queue.push(write('a', 'x'.repeat(length))))
  await turn()
  const sizes: (number | undefined)[] = []
  while (batches.length > 0) sizes.push(await work())
  assert.deepEqual(sizes, [2, 1, 1, 1])
  await Promise.all(answers)
})

test('when more waits than may, the newcomer is refused as overloaded and the others are kept', async () => {
  const { queue, work } = patientQueue({ maxBatch: 1, maxWaiting: 2 })
  queue.start()
  const sent = queue.push(write('a'))
  await turn()
  const waiting = [queue.push(write('b')), queue.push(write('c'))]
  await assert.rejects(queue.push(write('d')), { name: 'StorageError', condition: 'overloaded' })
  while (await work());
  await Promise.all([sent, ...waiting])
  const later = queue.push(write('d'))
  await turn()
  await work()
  await later
})

test('values that wait count too', async () => {
  const { queue, work } = patientQueue({ maxWaitingLength: 10 })
  const waiting = queue.push(write('a', 'x'.repeat(8)))
  await assert.rejects(queue.push(write('b', 'x'.repeat(3))), { condition: 'overloaded' })
  const fits = queue.push(write('c', 'xx'))
  queue.start()
  await turn()
  await work()
  await Promise.all([waiting, fits])
  const again = queue.push(write('a', 'x'.repeat(8)))
  await turn()
  await work()
  await again
})

test('what the database refuses rejects its own promise and no other', async () => {
  const { queue, work } = patientQueue()
  queue.start()
  const entry = { id: 'e', when: 0, with: '', resource: '', text: '', value: '1' }
  const append: Operation = { kind: 'append', store: 'd/x', owner: 'a', entry, keep: undefined }
  const answers = Promise.allSettled([append, append, write('b')].map((operation) => queue.push(operation)))
  await turn()
  await work()
  assert.deepEqual(
    (await answers).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})

test('a waiter that throws is a bug, and keeps no other from being told', async (t) => {
  const { queue, work } = patientQueue()
  queue.start()
  const told: string[] = []
  const thrower = () => {
    throw new Error('a bug')
  }
  const waiter = { kept: () => void told.push('kept'), refused: () => void told.push('refused') }
  queue.pushFor({ kept: thrower, refused: thrower }, write('a'))
  queue.pushFor(waiter, write('b'))
  await turn()
  const later = t.mock.method(globalThis, 'queueMicrotask')
  later.mock.mockImplementation(() => {})
  await work()
  later.mock.restore()
  assert.deepEqual(told, ['kept'])
  for (const {
    arguments: [action],
  } of later.mock.calls)
    assert.throws(action, /a bug/)
  assert.equal(later.mock.callCount(), 1)
  queue.pushFor({ kept: thrower, refused: () => void told.push('lost') }, write('a'))
  queue.pushFor(waiter, write('b'))
  queue.fail(new StorageError('failed', 'lost'))
  assert.deepEqual(told, ['kept', 'lost', 'refused'])
})

test('when the database is lost, all that is unanswered is rejected, and draining ends', async () => {
  const { queue } = patientQueue({ maxBatch: 1 })
  queue.start()
  const answers = Promise.allSettled(['a', 'b'].map((owner) => queue.push(write(owner))))
  const drained = queue.drained()
  await turn()
  queue.fail(new StorageError('failed', 'lost'))
  for (const answer of await answers) assert.equal(answer.status, 'rejected')
  await drained
})

test('what is asked for in one go is in one batch, unless it is more than a batch', async () => {
  const { queue, work } = patientQueue({ maxBatch: 4 })
  queue.start()
  const answers = [queue.push(write('first'))]
  await turn()
  for (const count of [3, 3, 1, 6]) {
    for (let index = 0; index < count; index += 1) answers.push(queue.push(write(`${count}-${index}`)))
    await turn()
  }
  const sizes: (number | undefined)[] = []
  for (let batch = 0; batch < 5; batch += 1) sizes.push(await work())
  assert.deepEqual(sizes, [1, 3, 4, 4, 2])
  await Promise.all(answers)
})
