// The layer check finds what it is there for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultsOf } from './layers.ts'

const check = (files: Record<string, string>) => faultsOf(new Map(Object.entries(files)))

test('imports that point down are in order', () => {
  assert.deepEqual(
    check({
      'src/base/clock.ts': `import { setTimeout } from 'node:timers'`,
      'src/host/host.ts': `import type { Clock } from '../base/clock.ts'\nimport {\n  a,\n  b,\n} from '../stream/stream.ts'`,
      'src/stream/stream.ts': `import { Clock } from '../base/clock.ts'`,
    }),
    [],
  )
})

test('an import that points up is a fault, in every way of writing it', () => {
  for (const line of [
    `import { Host } from '../host/host.ts'`,
    `import type { Host } from "../host/host.ts"`,
    `import {\n  Host,\n} from '../host/host.ts'`,
    `import '../host/host.ts'`,
    `export { Host } from '../host/host.ts'`,
    `export * from '../host/host.ts'`,
    `const host = await import('../host/host.ts')`,
  ]) {
    assert.deepEqual(
      check({ 'src/stream/stream.ts': line }),
      ['src/stream/stream.ts: imports src/host/host.ts, but stream/ may not import host/'],
      line,
    )
  }
})

test('the scansion runner knows nothing of the server it plays against', () => {
  assert.equal(check({ 'src/scansion/runner.ts': `import '../server/server.ts'` }).length, 1)
  assert.equal(check({ 'src/scansion/runner.ts': `import '../xml/xml.ts'` }).length, 0)
})

test('another extension is imported only through its face', () => {
  assert.equal(check({ 'src/extensions/muc/room.ts': `import '../roster/roster.ts'` }).length, 0)
  assert.equal(check({ 'src/extensions/muc/settings/name.ts': `import '../room.ts'` }).length, 0)
  assert.equal(check({ 'src/extensions/muc/room.ts': `import '../roster/item.ts'` }).length, 1)
})

test('a ring of imports is named', () => {
  const faults = check({
    'src/xml/a.ts': `import './b.ts'`,
    'src/xml/b.ts': `import { type C, c } from './c.ts'`,
    'src/xml/c.ts': `import './a.ts'`,
  })
  assert.deepEqual(faults, [
    'src/xml/a.ts: a ring of imports: src/xml/a.ts → src/xml/b.ts → src/xml/c.ts → src/xml/a.ts',
  ])
})

test('types that name each other are no ring, but stay in their layers', () => {
  const ring = { 'src/xml/a.ts': `import './b.ts'`, 'src/xml/b.ts': `import type { A } from './a.ts'` }
  assert.deepEqual(check(ring), [])
  assert.equal(check({ 'src/xml/a.ts': `import type { Host } from '../host/host.ts'` }).length, 1)
})

test('an index.ts, a folder without a place and a way out of src/ are faults; tests are free', () => {
  assert.equal(check({ 'src/xml/index.ts': '' }).length, 1)
  assert.equal(check({ 'src/utils/strings.ts': `import '../base/clock.ts'` }).length, 1)
  assert.equal(check({ 'src/xml/xml.ts': `import '../../tools/layers.ts'` }).length, 1)
  assert.equal(check({ 'src/xml/xml.test.ts': `import '../server/server.ts'` }).length, 0)
})
