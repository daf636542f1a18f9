// The part of the contract that is about `KeyValue`.
import assert from 'node:assert/strict'
import { awkwardTexts, type TestOnDomain } from './contract-parts.ts'
import type { Value } from './storage.ts'

const megabyte = 1024 * 1024

/** What JSON can say, at its edges. */
const values: Value[] = [
  null,
  true,
  0,
  -1.5,
  2 ** 53,
  1e-300,
  '',
  [],
  {},
  [[1, [2]], { a: { b: null } }],
  { '': '', 'with "quotes"': 1 },
  'half a pair: \ud800',
  JSON.parse('{"__proto__":{"x":1},"constructor":2}'),
  'x'.repeat(megabyte),
  ...awkwardTexts,
]
/** Checks a driver's `KeyValue` stores. */
export function testKeyValue(testOnDomain: TestOnDomain): void {
  testValues(testOnDomain)
  testOwners(testOnDomain)
}

function testValues(testOnDomain: TestOnDomain): void {
  testOnDomain('an owner has nothing until it is set', async (domain) => {
    assert.equal(await domain.keyValue('x').get('a'), undefined)
    assert.deepEqual(await domain.keyValue('x').owners(), [])
  })

  testOnDomain('a value is what was set last, and undefined removes it', async (domain) => {
    const store = domain.keyValue<number>('x')
    await store.set('a', 1)
    await store.set('a', 2)
    assert.equal(await store.get('a'), 2)
    await store.set('a', undefined)
    assert.equal(await store.get('a'), undefined)
    await store.set('nobody', undefined)
    assert.deepEqual(await store.owners(), [])
  })

  testOnDomain('whatever JSON can say comes back as it was', async (domain) => {
    const store = domain.keyValue('x')
    for (const value of values) {
      await store.set('a', value)
      assert.deepEqual(await store.get('a'), value)
    }
  })

  testOnDomain('a key named __proto__ stays a key and changes no prototype', async (domain) => {
    const store = domain.keyValue('x')
    await store.set('a', JSON.parse('{"__proto__":{"isAdmin":true}}'))
    const value = (await store.get('a')) as { isAdmin?: boolean }
    assert.equal(value.isAdmin, undefined)
    assert.deepEqual(Object.keys(value), ['__proto__'])
  })

  testOnDomain('a value is as it was when it was given', async (domain) => {
    const store = domain.keyValue<number[]>('x')
    const value = [1]
    const kept = store.set('a', value)
    value.push(2)
    await kept
    assert.deepEqual(await store.get('a'), [1])
  })
}

function testOwners(testOnDomain: TestOnDomain): void {
  testOnDomain('any Unicode text is an owner', async (domain) => {
    const store = domain.keyValue<string>('x')
    for (const owner of awkwardTexts) await store.set(owner, owner)
    for (const owner of awkwardTexts) assert.equal(await store.get(owner), owner)
  })

  testOnDomain('half a surrogate pair is no owner', async (domain) => {
    await assert.rejects(domain.keyValue<number>('x').set('\ud800', 1), RangeError)
  })

  testOnDomain('an owner longer than any address is refused', async (domain) => {
    const store = domain.keyValue<number>('x')
    await store.set('ä'.repeat(1535), 1)
    const long = store.set('ä'.repeat(3000), 1)
    await assert.rejects(long, { name: 'StorageError', condition: 'too-big' })
  })

  testOnDomain('owners come in the order of their code points, in pages', async (domain) => {
    const store = domain.keyValue<number>('x')
    // In the order of UTF-16 the last two would change places.
    const ordered = ['', 'B', 'a', 'b', 'é', '\uffff', '😀']
    for (const owner of ordered.toReversed()) await store.set(owner, 1)
    assert.deepEqual(await store.owners(), ordered)
    assert.deepEqual(await store.owners({ limit: 2 }), ['', 'B'])
    assert.deepEqual(await store.owners({ after: 'B', limit: 2 }), ['a', 'b'])
    assert.deepEqual(await store.owners({ after: 'aa' }), ['b', 'é', '\uffff', '😀'])
    assert.deepEqual(await store.owners({ limit: 0 }), [])
    assert.deepEqual(await store.owners({ after: '😀' }), [])
    await assert.rejects(store.owners({ limit: -1 }), RangeError)
  })

  testOnDomain('reads see the writes asked for before them, without waiting in between', async (domain) => {
    const store = domain.keyValue<number>('x')
    const reads: Promise<number | undefined>[] = []
    for (let count = 0; count < 20; count += 1) {
      void store.set('a', count)
      reads.push(store.get('a'))
    }
    const owners = store.owners()
    const seen = await Promise.all(reads)
    for (const [count, value] of seen.entries()) assert.equal(value, count)
    assert.deepEqual(await owners, ['a'])
  })
}
