// The part of the contract that is about what is made just before it goes to the database.
import assert from 'node:assert/strict'
import type { TestOnDomain } from './contract-parts.ts'

/** Until the next turn of the event loop. */
const turn = () => new Promise((resolve) => setImmediate(resolve))
const entry = { id: 'e', when: 0, with: '', value: 1 }

/** Checks `setLast` and `changeLate` of a driver's stores. */
export function testLate(testOnDomain: TestOnDomain): void {
  testSetLast(testOnDomain)
  testChangeLate(testOnDomain)
}

function testSetLast(testOnDomain: TestOnDomain): void {
  testOnDomain('what is set last is kept, and asked for no more than once', async (domain) => {
    const store = domain.keyValue<number>('x')
    let calls = 0
    assert.equal(await store.setLast('a', () => ++calls), true)
    assert.equal(await store.get('a'), 1)
    assert.equal(calls, 1)
    assert.equal(await store.setLast('a', () => undefined), false)
    assert.equal(await store.get('a'), 1)
  })

  testOnDomain('what is set last is left as it was if something before it is refused', async (domain) => {
    const [store, archive] = [domain.keyValue<number>('x'), domain.archive<number>('y')]
    await archive.append('a', entry)
    await store.set('a', 1)
    const refused = assert.rejects(archive.append('a', entry), { condition: 'duplicate' })
    assert.equal(await store.setLast('a', () => 2), false)
    await refused
    assert.equal(await store.get('a'), 1)
    await turn()
    assert.equal(await store.setLast('a', () => 3), true, 'who asked has heard of it')
    assert.equal(await store.get('a'), 3)
  })

  testOnDomain(
    'what is set last is left as it was if a late change before it cannot be made',
    async (domain) => {
      const [store, changes] = [domain.keyValue<number>('x'), domain.collection<number>('y')]
      await turn()
      const refused = assert.rejects(
        changes.changeLate('a', () => {
          throw new RangeError('no')
        }),
        RangeError,
      )
      assert.equal(await store.setLast('a', () => 1), false)
      await refused
      assert.equal(await store.get('a'), undefined)
    },
  )
}

function testChangeLate(testOnDomain: TestOnDomain): void {
  testOnDomain('a late change is seen by what is asked for after it, and comes before it', async (domain) => {
    const store = domain.collection<number>('x')
    const late = store.changeLate('a', () => new Map([['k', 1]]))
    assert.equal(await store.get('a', 'k'), 1)
    await late
    const again = store.changeLate('a', () => new Map([['k', 2]]))
    await Promise.all([store.set('a', 'k', undefined), again])
    assert.equal(await store.get('a', 'k'), undefined)
    const last = store.changeLate('a', () => new Map([['k', 3]]))
    await Promise.all([domain.eraseOwner('a'), last])
    assert.deepEqual(await store.all('a'), new Map())
  })

  testOnDomain('a late change may come to nothing; what cannot be made rejects', async (domain) => {
    const store = domain.collection<number>('x')
    await turn()
    await store.changeLate('a', () => new Map())
    await assert.rejects(
      store.changeLate('a', () => {
        throw new RangeError('no')
      }),
      RangeError,
    )
    await turn()
    await assert.rejects(
      domain.keyValue<number>('y').setLast('a', () => {
        throw new RangeError('no')
      }),
      RangeError,
    )
    assert.deepEqual(await store.all('a'), new Map())
  })
}
