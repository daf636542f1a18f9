import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scope } from '../base/scope.ts'
import { Line, lineEntrance } from './line.ts'

const phases = ['check', 'stamp', 'deliver'] as const

function tracingLine() {
  const line = new Line<(typeof phases)[number], string[]>(phases)
  const add = (phase: (typeof phases)[number], name: string) =>
    line.add(phase, (trace) => void trace.push(name))
  return { line, add }
}

test('steps run by phase, and inside a phase in the order in which they were added', () => {
  const { line, add } = tracingLine()
  add('deliver', 'd1')
  add('check', 'c1')
  add('stamp', 's1')
  add('check', 'c2')
  const trace: string[] = []
  assert.equal(line.run(trace), true)
  assert.deepEqual(trace, ['c1', 'c2', 's1', 'd1'])
})

test('a step that says stop ends the line', () => {
  const { line, add } = tracingLine()
  line.add('check', () => 'stop')
  add('deliver', 'd')
  const trace: string[] = []
  assert.equal(line.run(trace), false)
  assert.deepEqual(trace, [])
})

test('a line is synchronous until a step answers with a promise, and goes on in order behind it', async () => {
  const { line, add } = tracingLine()
  const gate = Promise.withResolvers<void>()
  add('check', 'c')
  line.add('stamp', () => gate.promise)
  add('deliver', 'd')
  const trace: string[] = []
  const result = line.run(trace)
  assert.ok(result instanceof Promise)
  assert.deepEqual(trace, ['c'])
  gate.resolve()
  assert.equal(await result, true)
  assert.deepEqual(trace, ['c', 'd'])
})

test('a promised stop ends the line, too', async () => {
  const { line, add } = tracingLine()
  line.add('check', async () => 'stop' as const)
  add('deliver', 'd')
  const trace: string[] = []
  assert.equal(await line.run(trace), false)
  assert.deepEqual(trace, [])
})

test('what a step throws comes out, at once or through the promise', async () => {
  const { line } = tracingLine()
  const undo = line.add('check', () => {
    throw new Error('now')
  })
  assert.throws(() => line.run([]), /now/)
  undo()
  line.add('check', async () => {
    throw new Error('later')
  })
  await assert.rejects(async () => line.run([]), /later/)
})

test('what was added through a scope ends with it; an item under way is not affected', async () => {
  const { line } = tracingLine()
  const scope = new Scope()
  const entrance = lineEntrance(line, scope)
  const gate = Promise.withResolvers<void>()
  entrance.check(() => gate.promise)
  entrance.deliver((trace) => void trace.push('d'))
  const trace: string[] = []
  const result = line.run(trace)
  scope.close()
  gate.resolve()
  await result
  assert.deepEqual(trace, ['d'])
  assert.equal(line.run([]), true)
})

test('a phase that the line does not have is refused by name', () => {
  const { line } = tracingLine()
  assert.throws(
    () => line.add('nowhere' as 'check', () => {}),
    /no phase nowhere on this line: check, stamp, deliver/,
  )
})

test('a line is passed beforehand only where every step says so', () => {
  const line = new Line<(typeof phases)[number], string[], string, string>(phases)
  assert.equal(line.passes('stanza', 'owner'), true)
  line.add(
    'check',
    () => {},
    (stanza, owner) => stanza === 'stanza' && owner === 'owner',
  )
  assert.equal(line.passes('stanza', 'owner'), true)
  assert.equal(line.passes('stanza', 'other'), false)
  const undo = line.add('deliver', () => {})
  assert.equal(line.passes('stanza', 'owner'), false)
  undo()
  assert.equal(line.passes('stanza', 'owner'), true)
})
