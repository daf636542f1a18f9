// What every driver has to do, as tests: `testStorage(() => sqlite(':memory:'))` is all that a driver's test says.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { testArchive } from './contract-archive.ts'
import { testCollection } from './contract-collection.ts'
import { testKeyValue } from './contract-key-value.ts'
import { testLate } from './contract-late.ts'
import type { MakeDriver, TestOnDomain } from './contract-parts.ts'
import { type Driver, storeOfDomain } from './storage.ts'

type TestOnDriver = (name: string, run: (driver: Driver) => Promise<void>) => void

/** Checks a driver against what `storage.ts` promises; call it at the top of a test file. */
export function testStorage(makeDriver: MakeDriver): void {
  describeShape('KeyValue', makeDriver, testKeyValue)
  describeShape('Collection', makeDriver, testCollection)
  describeShape('Archive', makeDriver, testArchive)
  describeShape('Late', makeDriver, testLate)
  describe('Driver', () => {
    testDriver((name, run) => {
      test(name, async () => {
        const driver = await makeDriver()
        await run(driver).finally(() => driver.close())
      })
    })
  })
}

/** Opening a driver may take long, so the tests of a shape have one in common, and a domain each. */
function describeShape(
  shape: string,
  makeDriver: MakeDriver,
  testShape: (testOnDomain: TestOnDomain) => void,
): void {
  describe(shape, () => {
    let driver: Driver
    let domains = 0
    before(async () => {
      driver = await makeDriver()
    })
    after(() => driver.close())
    testShape((name, run) => {
      test(name, () => run(storeOfDomain(driver, `domain${domains++}.example`)))
    })
  })
}

function testDriver(testOnDriver: TestOnDriver): void {
  testOnDriver('the same name in two domains is two stores', async (driver) => {
    const [one, other] = ['one.example', 'other.example'].map((domain) => storeOfDomain(driver, domain))
    await one?.keyValue<number>('x').set('a', 1)
    await other?.keyValue<number>('x').set('a', 2)
    assert.equal(await one?.keyValue('x').get('a'), 1)
    assert.equal(await other?.keyValue('x').get('a'), 2)
  })

  testOnDriver('closing keeps what is late', async (driver) => {
    const late = [
      driver.collection<number>('d/x').changeLate('a', () => new Map([['k', 1]])),
      driver.keyValue<number>('d/y').setLast('a', () => 1),
    ]
    await driver.close()
    assert.deepEqual(await Promise.all(late), [undefined, true])
  })

  testOnDriver('the same name in two shapes is two stores', async (driver) => {
    await driver.keyValue<number>('d/x').set('a', 1)
    await driver.collection<number>('d/x').set('a', 'k', 2)
    await driver.archive<number>('d/x').append('a', { id: 'i', when: 0, with: '', value: 3 })
    assert.equal(await driver.keyValue('d/x').get('a'), 1)
    assert.deepEqual(await driver.collection('d/x').all('a'), new Map([['k', 2]]))
    assert.equal(await driver.archive('d/x').count('a'), 1)
  })

  testOnDriver('stores are those that were written to, in order', async (driver) => {
    assert.deepEqual(await driver.stores(), [])
    await driver.keyValue('b/unwritten').get('a')
    await driver.collection<number>('b/items').set('a', 'k', 1)
    await driver.keyValue<number>('a/values').set('a', 1)
    await driver.archive<number>('c/log').append('a', { id: 'i', when: 0, with: '', value: 1 })
    assert.deepEqual(await driver.stores(), [
      { name: 'a/values', shape: 'key-value' },
      { name: 'b/items', shape: 'collection' },
      { name: 'c/log', shape: 'archive' },
    ])
  })

  testOnDriver('erasing an owner takes all that it has in the domain and nothing else', async (driver) => {
    for (const domain of ['d', 'dd', 'd.d']) for (const owner of ['a', 'b']) await fill(driver, domain, owner)
    await storeOfDomain(driver, 'd').eraseOwner('a')
    const left = async (domain: string, owner: string) => [
      await driver.keyValue(`${domain}/values`).get(owner),
      await driver.collection(`${domain}/items`).count(owner),
      await driver.archive(`${domain}/log`).count(owner),
    ]
    assert.deepEqual(await left('d', 'a'), [undefined, 0, 0])
    for (const domain of ['d', 'dd', 'd.d']) assert.deepEqual(await left(domain, 'b'), [1, 1, 1])
    for (const domain of ['dd', 'd.d']) assert.deepEqual(await left(domain, 'a'), [1, 1, 1])
  })

  testOnDriver('an erased owner can begin anew', async (driver) => {
    await fill(driver, 'd', 'a')
    await driver.eraseOwner('d', 'a')
    await fill(driver, 'd', 'a')
    assert.equal(await driver.archive('d/log').count('a'), 1)
  })

  testOnDriver('opening is answered as often as it is asked', async (driver) => {
    await Promise.all([driver.open(), driver.open()])
    await driver.open()
  })

  testOnDriver('what was asked for before closing is done, what comes after is refused', async (driver) => {
    const store = driver.keyValue<number>('d/x')
    const writes = Promise.all([store.set('a', 1), store.set('b', 2)])
    const closing = driver.close()
    await assert.rejects(store.get('a'), { name: 'StorageError', condition: 'closed' })
    await assert.rejects(store.set('a', 3), { name: 'StorageError', condition: 'closed' })
    await assert.rejects(driver.open(), { name: 'StorageError', condition: 'closed' })
    const entry = { id: 'i', when: 0, with: '', value: 3 }
    await assert.rejects(driver.archive('d/x').append('a', entry), { condition: 'closed' })
    await Promise.all([writes, closing, driver.close()])
  })
}

async function fill(driver: Driver, domain: string, owner: string): Promise<void> {
  await driver.keyValue<number>(`${domain}/values`).set(owner, 1)
  await driver.collection<number>(`${domain}/items`).set(owner, 'k', 1)
  await driver.archive<number>(`${domain}/log`).append(owner, { id: 'i', when: 0, with: '', value: 1 })
}
