// The part of the contract that is about counting, searching and removing in an `Archive`.
import assert from 'node:assert/strict'
import { all, entry, fill } from './contract-entries.ts'
import type { TestOnDomain } from './contract-parts.ts'
import type { ArchiveQuery } from './storage.ts'

/** A driver may leave out counts, but what it tells is right. */
export function testCounts(testOnDomain: TestOnDomain): void {
  testOnDomain('a page that is counted says how many fit and how many come before', async (domain) => {
    const archive = domain.archive<number>('x')
    await fill(archive, 'a', 10)
    await archive.remove('a', { before: 10 })
    const cases: [query: Partial<ArchiveQuery>, count: number, index: number | undefined][] = [
      [{}, 9, 0],
      [{ after: 'e3' }, 9, 3],
      [{ backward: true }, 9, 7],
      [{ limit: 0 }, 9, undefined],
      [{ index: 4 }, 9, 4],
      [{ index: 40 }, 9, undefined],
      [{ newerThan: 'e2', olderThan: 'e8', after: 'e4' }, 5, 2],
      [{ start: 35, end: 60 }, 3, 0],
      [{ start: 200 }, 0, undefined],
    ]
    for (const [query, count, index] of cases) {
      const page = await archive.find('a', { limit: 2, isCounted: true, ...query })
      if (page?.count === undefined) continue
      assert.deepEqual([page.count, page.index], [count, index], JSON.stringify(query))
    }
  })

  testOnDomain('a count by time is right or left out when a clock goes back', async (domain) => {
    const archive = domain.archive<number>('x')
    const times = [100, 300, 200, 50, 400]
    for (const [value, when] of times.entries())
      await archive.append('a', { id: `e${value}`, when, with: '', value })
    const page = await archive.find('a', { start: 150, limit: 9, isCounted: true })
    assert.equal(page?.entries.length, 3)
    assert.ok(page?.count === undefined || page.count === 3)
    await archive.remove('a', { before: 60 })
    assert.equal(await archive.count('a'), 4)
    const rest = await archive.find('a', { limit: 9, index: 2, isCounted: true })
    assert.deepEqual(
      rest?.entries.map(({ value }) => value),
      [2, 4],
    )
  })
}

/** Only for a driver that says it `canSearch`; any other refuses. */
export function testSearch(testOnDomain: TestOnDomain): void {
  testOnDomain('words of a text find what has them all, of that owner and archive only', async (domain) => {
    const archive = domain.archive<string>('x')
    if (!archive.canSearch) {
      await assert.rejects(archive.find('a', { text: 'soft', limit: 1 }))
      return
    }
    const texts = [
      'But soft! What light',
      'It is the EAST',
      'soft, Ünïcode light',
      '東京のバルコニー',
      '"or" NOT* -it',
    ]
    for (const [number, text] of texts.entries()) {
      const rest = { when: number, with: number === 2 ? 'x' : 'y', value: text }
      for (const owner of ['a', 'b']) await archive.append(owner, { id: `e${number}`, text, ...rest })
    }
    await archive.append('a', { id: 'mute', when: 9, with: '', value: 'soft' })
    await domain.archive<string>('z').append('a', { id: 'z', when: 0, with: '', value: '', text: 'soft' })
    const find = async (query: Partial<ArchiveQuery>) =>
      (await archive.find('a', { limit: 9, ...query }))?.entries.map(({ id }) => id).join(' ')
    assert.equal(await find({ text: 'Soft' }), 'e0 e2')
    assert.equal(await find({ text: 'light soft' }), 'e0 e2')
    assert.equal(await find({ text: 'sof' }), '')
    assert.equal(await find({ text: 'soft east' }), '')
    assert.equal(await find({ text: 'unicode' }), 'e2')
    assert.equal(await find({ text: '東京' }), 'e3')
    assert.equal(await find({ text: 'it OR' }), 'e4')
    assert.equal(await find({ text: '!?' }), '')
    assert.equal(await find({ text: 'soft', with: 'x' }), 'e2')
    assert.equal(await find({ text: 'soft', start: 1 }), 'e2')
    assert.equal(await find({ text: 'soft', ids: ['e0', 'e1'] }), 'e0')
    assert.equal(await find({ text: 'soft', after: 'e0' }), 'e2')
    assert.equal(await find({ text: 'soft', limit: 1, backward: true }), 'e2')
    assert.equal(await find({ text: 'soft', limit: 1, before: 'e2' }), 'e0')
    await archive.remove('a', { before: 2 })
    assert.equal(await find({ text: 'soft' }), 'e2')
    // The last of all, so that whatever it was known by may be given to the next.
    await archive.append('a', { id: 'last', when: 9, with: '', value: '', text: 'soft' })
    await archive.remove('a')
    await archive.append('a', { id: 'new', when: 0, with: '', value: '', text: 'new' })
    assert.equal(await find({ text: 'soft' }), '')
  })
}

/** What is removed, and what stays. */
export function testRemoval(testOnDomain: TestOnDomain): void {
  testOnDomain('what is older than a time is removed and counted', async (domain) => {
    const archive = domain.archive<number>('x')
    await fill(archive, 'a', 5)
    await fill(archive, 'b', 5)
    assert.equal(await archive.remove('a', { before: 20 }), 2)
    assert.equal(await archive.remove('a', { before: 20 }), 0)
    assert.deepEqual((await archive.find('a', all))?.entries, [entry(2), entry(3), entry(4)])
    assert.equal(await archive.count('b'), 5)
  })

  testOnDomain('an entry gets another value and other words where it is', async (domain) => {
    const archive = domain.archive<number>('x')
    for (const number of [0, 1, 2]) await archive.append('a', { ...entry(number), text: 'but soft' })
    await archive.append('b', { ...entry(1), text: 'but soft' })
    assert.equal(await archive.replace('a', 'e1', { value: 11, text: 'light' }), true)
    assert.equal(await archive.replace('a', 'e2', { value: 22 }), true)
    assert.equal(await archive.replace('a', 'e3', { value: 33 }), false)
    const found = [entry(0), { ...entry(1), value: 11 }, { ...entry(2), value: 22 }]
    assert.deepEqual((await archive.find('a', all))?.entries, found)
    if (archive.canSearch) {
      assert.deepEqual((await archive.find('a', { ...all, text: 'soft' }))?.entries, [entry(0)])
      assert.equal((await archive.find('a', { ...all, text: 'light' }))?.entries.length, 1)
    }
    assert.deepEqual((await archive.find('b', all))?.entries, [entry(1)])
  })

  testOnDomain('an entry that was changed is found by words in its old place', async (domain) => {
    const archive = domain.archive<number>('x')
    if (!archive.canSearch) return
    for (const number of [0, 1, 2, 3]) await archive.append('a', { ...entry(number), text: 'but soft' })
    for (const number of [1, 0]) {
      await archive.replace('a', `e${number}`, { value: number, text: 'soft' })
      const found = (await archive.find('a', { ...all, text: 'soft' }))?.entries
      assert.deepEqual(found, [0, 1, 2, 3].map(entry))
    }
    assert.equal((await archive.find('a', { ...all, text: 'soft', start: 10, end: 10 }))?.entries.length, 1)
  })

  testOnDomain('of what is older than a time the oldest are removed, at most so many', async (domain) => {
    const archive = domain.archive<number>('x')
    await fill(archive, 'a', 5)
    assert.equal(await archive.remove('a', { before: 40, most: 3 }), 3)
    assert.equal(await archive.remove('a', { before: 40, most: 3 }), 1)
    assert.deepEqual((await archive.find('a', all))?.entries, [entry(4)])
    assert.equal(await archive.remove('a', { most: 3 }), 1)
  })

  testOnDomain('an entry that is one too many takes the place of the oldest', async (domain) => {
    const archive = domain.archive<number>('x')
    await fill(archive, 'b', 3)
    for (let number = 0; number < 5; number += 1) await archive.append('a', entry(number), { keep: 3 })
    assert.deepEqual((await archive.find('a', all))?.entries, [entry(2), entry(3), entry(4)])
    await archive.append('a', entry(5), { keep: 1 })
    assert.deepEqual((await archive.find('a', all))?.entries, [entry(5)])
    assert.equal(await archive.count('b'), 3)
  })

  testOnDomain('all of an owner is removed, and what comes after is in order', async (domain) => {
    const archive = domain.archive<number>('x')
    await fill(archive, 'a', 5)
    assert.equal(await archive.remove('a'), 5)
    assert.equal(await archive.count('a'), 0)
    await fill(archive, 'a', 3)
    assert.deepEqual((await archive.find('a', all))?.entries, [entry(0), entry(1), entry(2)])
  })
}
