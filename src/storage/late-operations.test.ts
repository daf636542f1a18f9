// Operations that are made when their batch goes, before a database that works when the test says so.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { patientQueue, turn } from '../../test/patient-queue.ts'
import { append, idsIn, newPath, setTrap } from '../../test/storage-engine.ts'
import { Engine } from './engine.ts'
import type { LateOperation, Operation, Outcome } from './operation.ts'
import type { QueueLimits } from './operation-queue.ts'

/** One that is started. */
function makeQueue(limits?: Partial<QueueLimits>) {
  const made = patientQueue(limits)
  made.queue.start()
  return made
}

const set = (owner: string): Operation => ({ kind: 'setValue', store: 'd/v', owner, value: '1' })
const late = (owner: string, make: () => Operation | undefined = () => set(owner)): LateOperation => ({
  store: 'd/v',
  owner,
  isLast: false,
  make,
})
const last = (owner: string, make?: () => void): LateOperation => ({
  store: 'd/v',
  owner,
  isLast: true,
  make: () => {
    make?.()
    return { kind: 'setLast', store: 'd/v', owner, value: '1' }
  },
})
const owners = (batch: readonly Operation[] | undefined) =>
  batch?.map((operation) => ('owner' in operation ? operation.owner : ''))

test('late operations go with the next batch, behind what was asked for; the last ones behind all', async () => {
  const { queue, batches, work } = makeQueue()
  const answers = [queue.pushLate(last('last')), queue.pushLate(late('late')), queue.push(set('first'))]
  await turn()
  assert.deepEqual(owners(batches[0]), ['first', 'late', 'last'])
  const next = [queue.pushLate(late('next')), queue.push(set('second'))]
  assert.equal(batches.length, 1, 'a batch is under way')
  await work()
  assert.deepEqual(owners(batches[0]), ['second', 'next'])
  await work()
  assert.deepEqual(await Promise.all(answers), [undefined, undefined, undefined])
  await Promise.all(next)
})

test('what has come to nothing by then is not sent', async () => {
  const { queue, batches } = makeQueue()
  assert.equal(await queue.pushLate(late('a', () => undefined)), undefined)
  assert.equal(batches.length, 0)
  await queue.drained()
})

test('what is to be kept with all before it is not, if one of these is refused in a batch before its own', async () => {
  const { queue, batches, work } = makeQueue({ maxBatch: 2 })
  const answers = [append('x'), append('x'), append('y')].map((operation) => queue.push(operation))
  const settled = Promise.allSettled(answers)
  const kept = queue.pushLate(last('l'))
  // What is asked for meanwhile does not matter to it.
  await turn()
  assert.deepEqual(batches.map(owners), [['a', 'a']])
  await work()
  assert.equal(await kept, false)
  assert.deepEqual(batches.map(owners), [['a']])
  await work()
  assert.deepEqual(
    (await settled).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})

test('what is given up is not taken for an answer to what was asked for before it', async () => {
  const { queue, batches, work } = makeQueue({ maxBatch: 2 })
  const answers = [append('x'), append('x'), append('y')].map((operation) => queue.push(operation))
  const settled = Promise.allSettled([...answers, queue.pushLate(last('l'))])
  await turn()
  assert.equal(queue.answered, 0)
  await work()
  assert.deepEqual([queue.asked, queue.answered, batches.length], [4, 2, 1], 'the third is under way')
  await work()
  assert.equal(queue.answered, 4)
  await settled
})

test('it is made once all have heard of what was refused before, and then kept', async () => {
  const { queue, work } = makeQueue({ maxWaiting: 1 })
  const heard: string[] = []
  const first = queue.push(set('a'))
  const refused = queue.push(set('b')).catch(() => heard.push('refused'))
  const kept = queue.pushLate(last('l', () => heard.push('made')))
  await turn()
  await work()
  assert.equal(await kept, undefined)
  assert.deepEqual(heard, ['refused', 'made'])
  await Promise.all([first, refused])
})

test('late operations are limited as all that waits is', async () => {
  const { queue, work } = makeQueue({ maxWaiting: 1 })
  const one = queue.pushLate(late('a'))
  await assert.rejects(queue.pushLate(late('b')), { condition: 'overloaded' })
  await turn()
  await work()
  await one
})

test('what is to be kept with all of its batch is not, if one of these is refused, however that comes', () => {
  const path = newPath()
  const engine = new Engine({ path })
  const lastOf = (owner: string): Operation => ({ kind: 'setLast', store: 'd/v', owner, value: '1' })
  assert.deepEqual(outcomes(engine.run([append('x'), lastOf('a'), append('x'), lastOf('b')])), [
    ...[undefined, undefined, 'refused', false],
  ])
  const release = setTrap(path, 'entry')
  // The commit fails, and each is tried by itself.
  assert.deepEqual(outcomes(engine.run([set('a'), append('y'), lastOf('c')])), [undefined, 'refused', false])
  release()
  assert.deepEqual(outcomes(engine.run([set('a'), append('y'), lastOf('c')])), [
    undefined,
    undefined,
    undefined,
  ])
  assert.deepEqual(idsIn(engine), ['x', 'y'])
  engine.close()
})

test('a process whose last late operation came to nothing is not kept alive', async () => {
  const script = `
    const { sqlite } = await import(${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)})
    const driver = sqlite(${JSON.stringify(newPath())})
    const store = driver.collection('d/x')
    await driver.open()
    const first = store.set('a', 'k', 1)
    // Once that is on its way.
    for (let turn = 0; turn < 2; turn += 1) await new Promise(setImmediate)
    await Promise.all([first, store.changeLate('a', () => new Map())])`
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 10_000 })
})

function outcomes(all: readonly Outcome[]): unknown[] {
  return all.map((outcome) => ('answer' in outcome ? outcome.answer : 'refused'))
}
