// The part of the contract that is about `Collection`.
import assert from 'node:assert/strict'
import { awkwardTexts, type TestOnDomain } from './contract-parts.ts'

/** Checks a driver's `Collection` stores. */
export function testCollection(testOnDomain: TestOnDomain): void {
  testItems(testOnDomain)
  testChanges(testOnDomain)
  testMany(testOnDomain)
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
