// The part of the contract that is about `Collection`.
import assert from 'node:assert/strict'
import { awkwardTexts, type TestOnDomain } from './contract-parts.ts'
import type { KeyRange } from './storage.ts'

/** Checks a driver's `Collection` stores. */
export function testCollection(testOnDomain: TestOnDomain): void {
  testItems(testOnDomain)
  testChanges(testOnDomain)
  testMany(testOnDomain)
  testPages(testOnDomain)
}

function testItems(testOnDomain: TestOnDomain): void {
  testOnDomain('an owner has no items until one is set', async (domain) => {
    const store = domain.collection('x')
    assert.equal(await store.get('a', 'k'), undefined)
    assert.deepEqual(await store.all('a'), new Map())
    assert.equal(await store.count('a'), 0)
  })

  testOnDomain('an item is what was set last under its key, and undefined removes it', async (domain) => {
    const store = domain.collection<number>('x')
    await store.set('a', 'k', 1)
    await store.set('a', 'k', 2)
    await store.set('a', 'l', 3)
    assert.equal(await store.get('a', 'k'), 2)
    assert.equal(await store.count('a'), 2)
    assert.deepEqual(await Promise.all(['k', 'l', 'm'].map((key) => store.count('a', key))), [0, 1, 2])
    await store.set('a', 'k', undefined)
    assert.equal(await store.get('a', 'k'), undefined)
    assert.deepEqual(await store.all('a'), new Map([['l', 3]]))
  })

  testOnDomain('owners and stores keep their items apart', async (domain) => {
    const [one, other] = [domain.collection<number>('x'), domain.collection<number>('y')]
    await one.set('a', 'k', 1)
    await one.set('b', 'k', 2)
    await other.set('a', 'k', 3)
    await one.clear('a')
    assert.equal(await one.get('a', 'k'), undefined)
    assert.equal(await one.get('b', 'k'), 2)
    assert.equal(await other.get('a', 'k'), 3)
  })

  testOnDomain('of an owner the first so many are removed, then the rest', async (domain) => {
    const store = domain.collection<number>('x')
    await store.change('a', new Map(['k', 'l', 'm'].map((key, index) => [key, index])))
    await store.set('b', 'k', 1)
    assert.equal(await store.removeFirst('a', 0), 0)
    assert.equal(await store.removeFirst('a', 2), 2)
    assert.deepEqual([...(await store.all('a')).keys()], ['m'])
    assert.equal(await store.removeFirst('a', 2), 1)
    assert.equal(await store.removeFirst('a', 2), 0)
    assert.equal(await store.count('b'), 1)
  })

  testOnDomain(
    'any Unicode text is a key, and items come in the order of their code points',
    async (domain) => {
      const store = domain.collection<string>('x')
      for (const key of awkwardTexts) await store.set('a', key, key)
      const inOrder = awkwardTexts.toSorted((one, other) =>
        Buffer.compare(Buffer.from(one), Buffer.from(other)),
      )
      assert.deepEqual(
        [...(await store.all('a'))],
        inOrder.map((key) => [key, key]),
      )
      for (const key of awkwardTexts) assert.equal(await store.get('a', key), key)
    },
  )
}

function testChanges(testOnDomain: TestOnDomain): void {
  testOnDomain('several changes are kept together', async (domain) => {
    const store = domain.collection<number>('x')
    await store.set('a', 'old', 1)
    await store.change(
      'a',
      new Map([
        ['old', undefined],
        ['new', 2],
        ['other', 3],
      ]),
    )
    assert.deepEqual(
      await store.all('a'),
      new Map([
        ['new', 2],
        ['other', 3],
      ]),
    )
    await store.change('a', new Map())
    assert.equal(await store.count('a'), 2)
  })

  testOnDomain('of several changes none is kept if one cannot be', async (domain) => {
    const store = domain.collection<number>('x')
    const changes = new Map([
      ['fits', 1],
      ['x'.repeat(5000), 2],
    ])
    await assert.rejects(store.change('a', changes), { name: 'StorageError', condition: 'too-big' })
    assert.deepEqual(await store.all('a'), new Map())
  })
}

function testMany(testOnDomain: TestOnDomain): void {
  testOnDomain('reads see the changes asked for before them, without waiting in between', async (domain) => {
    const store = domain.collection<number>('x')
    void store.set('a', 'k', 1)
    const first = store.get('a', 'k')
    void store.change(
      'a',
      new Map([
        ['k', 2],
        ['l', 3],
      ]),
    )
    const second = store.all('a')
    void store.clear('a')
    const third = store.count('a')
    assert.deepEqual(await Promise.all([first, second, third]), [
      1,
      new Map([
        ['k', 2],
        ['l', 3],
      ]),
      0,
    ])
  })

  testOnDomain('a thousand items come back at once', async (domain) => {
    const store = domain.collection<number>('x')
    const items = new Map(Array.from({ length: 1000 }, (_, number) => [`k${number}`, number]))
    await store.change('a', items)
    assert.equal(await store.count('a'), 1000)
    assert.deepEqual(
      await store.all('a'),
      new Map([...items].sort(([one], [other]) => (one < other ? -1 : 1))),
    )
  })
}

const pages: { range: KeyRange; finds: string[] }[] = [
  { range: { limit: 9 }, finds: ['a', 'b', 'c', 'd', 'e'] },
  { range: { limit: 2 }, finds: ['a', 'b'] },
  { range: { limit: 2, backward: true }, finds: ['d', 'e'] },
  { range: { after: 'b', limit: 2 }, finds: ['c', 'd'] },
  { range: { before: 'd', limit: 2, backward: true }, finds: ['b', 'c'] },
  { range: { after: 'a', before: 'd', limit: 9 }, finds: ['b', 'c'] },
  { range: { after: 'bb', before: 'dd', limit: 9 }, finds: ['c', 'd'] },
  { range: { after: 'd', before: 'b', limit: 9 }, finds: [] },
  { range: { after: 'e', limit: 9 }, finds: [] },
  { range: { before: '', limit: 9 }, finds: [] },
  { range: { limit: 0 }, finds: [] },
]

function testPages(testOnDomain: TestOnDomain): void {
  testOnDomain('a page of keys has what lies between its bounds, at either end', async (domain) => {
    const store = domain.collection<string>('x')
    for (const key of ['c', 'a', 'e', 'b', 'd']) await store.set('a', key, key)
    await store.set('b', 'bb', 'of somebody else')
    for (const { range, finds } of pages) {
      assert.deepEqual([...(await store.page('a', range)).keys()], finds, JSON.stringify(range))
    }
    await assert.rejects(store.page('a', { limit: -1 }), RangeError)
  })

  testOnDomain('any Unicode text bounds a page', async (domain) => {
    const store = domain.collection<string>('x')
    const inOrder = awkwardTexts.toSorted((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    )
    for (const key of inOrder) await store.set('a', key, key)
    for (const [index, after] of inOrder.entries()) {
      const page = await store.page('a', { after, limit: 99 })
      assert.deepEqual([...page.keys()], inOrder.slice(index + 1))
    }
  })
}
