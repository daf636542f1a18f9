// The part of the contract that is about `Archive`.
import assert from 'node:assert/strict'
import type { Waiter } from '../base/waiter.ts'
import { testCounts, testRemoval, testSearch } from './contract-archive-search.ts'
import { all, entry, fill } from './contract-entries.ts'
import { awkwardTexts, type TestOnDomain } from './contract-parts.ts'
import type { ArchiveQuery } from './storage.ts'

const cases: { asks: string; query: ArchiveQuery; finds: number[]; isComplete: boolean }[] = [
  { asks: 'everything', query: all, finds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], isComplete: true },
  { asks: 'the first', query: { limit: 3 }, finds: [0, 1, 2], isComplete: false },
  {
    asks: 'as many as there are',
    query: { limit: 10 },
    finds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    isComplete: true,
  },
  { asks: 'the last', query: { limit: 3, backward: true }, finds: [7, 8, 9], isComplete: false },
  { asks: 'what follows', query: { after: 'e6', limit: 2 }, finds: [7, 8], isComplete: false },
  { asks: 'the rest', query: { after: 'e6', limit: 3 }, finds: [7, 8, 9], isComplete: true },
  { asks: 'nothing behind the last', query: { after: 'e9', limit: 3 }, finds: [], isComplete: true },
  {
    asks: 'what goes before',
    query: { before: 'e4', limit: 3, backward: true },
    finds: [1, 2, 3],
    isComplete: false,
  },
  { asks: 'all before', query: { before: 'e2', limit: 3, backward: true }, finds: [0, 1], isComplete: true },
  { asks: 'the first before', query: { before: 'e4', limit: 3 }, finds: [0, 1, 2], isComplete: false },
  { asks: 'between', query: { after: 'e2', before: 'e6', limit: 9 }, finds: [3, 4, 5], isComplete: true },
  {
    asks: 'the last between',
    query: { after: 'e2', before: 'e6', limit: 2, backward: true },
    finds: [4, 5],
    isComplete: false,
  },
  { asks: 'nothing between', query: { after: 'e6', before: 'e2', limit: 9 }, finds: [], isComplete: true },
  { asks: 'from a time, which counts', query: { start: 70, limit: 9 }, finds: [7, 8, 9], isComplete: true },
  { asks: 'to a time, which counts', query: { end: 20, limit: 9 }, finds: [0, 1, 2], isComplete: true },
  {
    asks: 'from a time to a time',
    query: { start: 15, end: 49, limit: 9 },
    finds: [2, 3, 4],
    isComplete: true,
  },
  {
    asks: 'the last to a time',
    query: { end: 49, limit: 2, backward: true },
    finds: [3, 4],
    isComplete: false,
  },
  { asks: 'a time with nothing', query: { start: 200, limit: 9 }, finds: [], isComplete: true },
  { asks: 'one party', query: { with: 'odd', limit: 9 }, finds: [1, 3, 5, 7, 9], isComplete: true },
  {
    asks: 'the last of one party',
    query: { with: 'odd', limit: 2, backward: true },
    finds: [7, 9],
    isComplete: false,
  },
  {
    asks: 'one party from another',
    query: { with: 'odd', after: 'e2', limit: 2 },
    finds: [3, 5],
    isComplete: false,
  },
  {
    asks: 'one party from a time',
    query: { with: 'even', start: 50, limit: 9 },
    finds: [6, 8],
    isComplete: true,
  },
  { asks: 'nobody', query: { with: 'stranger', limit: 9 }, finds: [], isComplete: true },
  { asks: 'only whether there is any', query: { limit: 0 }, finds: [], isComplete: false },
  { asks: 'one resource', query: { with: 'odd', resource: 'phone', limit: 9 }, finds: [5], isComplete: true },
  { asks: 'some by id', query: { ids: ['e7', 'e2'], limit: 9 }, finds: [2, 7], isComplete: true },
  {
    asks: 'some by id that fit',
    query: { ids: ['e7', 'e2'], with: 'odd', limit: 9 },
    finds: [7],
    isComplete: true,
  },
  { asks: 'none of them', query: { ids: [], limit: 9 }, finds: [], isComplete: true },
  {
    asks: 'a page of what lies between',
    query: { newerThan: 'e2', olderThan: 'e8', after: 'e4', limit: 2 },
    finds: [5, 6],
    isComplete: false,
  },
  {
    asks: 'a page from before what lies between',
    query: { newerThan: 'e2', olderThan: 'e5', after: 'e0', before: 'e9', limit: 9 },
    finds: [3, 4],
    isComplete: true,
  },
  {
    asks: 'a page by its index',
    query: { newerThan: 'e2', index: 3, limit: 2 },
    finds: [6, 7],
    isComplete: false,
  },
  {
    asks: 'a page of one party by its index',
    query: { with: 'odd', index: 3, limit: 9 },
    finds: [7, 9],
    isComplete: true,
  },
  { asks: 'a page behind the last', query: { index: 10, limit: 9 }, finds: [], isComplete: true },
]

/** Checks a driver's `Archive` stores. */
export function testArchive(testOnDomain: TestOnDomain): void {
  testOnDomain('a query finds what lies between its bounds, at either end', async (domain) => {
    const archive = domain.archive<number>('x')
    await fill(archive, 'a', 10)
    for (const { asks, query, finds, isComplete } of cases) {
      const page = await archive.find('a', query)
      assert.deepEqual(page, { entries: finds.map(entry), isComplete }, `${asks}: ${JSON.stringify(query)}`)
    }
  })
  testEdges(testOnDomain)
  testArguments(testOnDomain)
  testCounts(testOnDomain)
  testSearch(testOnDomain)
  testRemoval(testOnDomain)
}

function testEdges(testOnDomain: TestOnDomain): void {
  testOnDomain('an archive begins empty', async (domain) => {
    const archive = domain.archive('x')
    assert.deepEqual(await archive.find('a', all), { entries: [], isComplete: true })
    assert.equal(await archive.count('a'), 0)
  })

  testOnDomain('a query from an entry that is not there finds undefined', async (domain) => {
    const archive = domain.archive<number>('x')
    await fill(archive, 'a', 2)
    await fill(archive, 'b', 3)
    assert.equal(await archive.find('a', { after: 'e2', limit: 1 }), undefined)
    assert.equal(await archive.find('a', { before: 'e2', limit: 1 }), undefined)
    assert.equal(await archive.find('nobody', { after: 'e0', limit: 1 }), undefined)
    assert.equal(await archive.find('a', { newerThan: 'e2', limit: 1 }), undefined)
    assert.equal(await archive.find('a', { olderThan: 'e2', limit: 1 }), undefined)
    assert.equal(await archive.find('a', { ids: ['e0', 'e2'], limit: 1 }), undefined)
  })

  testOnDomain('a second entry of the same id is refused, for that owner only', async (domain) => {
    const archive = domain.archive<number>('x')
    await fill(archive, 'a', 2)
    const again = archive.append('a', { ...entry(1), value: 7 })
    await assert.rejects(again, { name: 'StorageError', condition: 'duplicate' })
    await archive.append('b', entry(1))
    await domain.archive<number>('y').append('a', entry(1))
    assert.deepEqual((await archive.find('a', all))?.entries, [entry(0), entry(1)])
  })

  testOnDomain('who waits is told once, as a promise would be', async (domain) => {
    const archive = domain.archive<number>('x')
    const told: unknown[] = []
    const waiterOf = (name: string): Waiter => ({
      kept: () => void told.push(name),
      refused: (error) => void told.push([name, (error as Error & { condition?: string }).condition]),
    })
    archive.appendFor(waiterOf('first'), 'a', entry(0), { keep: 5 })
    archive.appendFor(waiterOf('again'), 'a', entry(0))
    archive.appendFor(waiterOf('last'), 'a', entry(1))
    assert.deepEqual((await archive.find('a', all))?.entries, [entry(0), entry(1)])
    assert.deepEqual(told, ['first', ['again', 'duplicate'], 'last'])
    archive.appendFor(waiterOf('unlimited'), 'a', entry(2), { keep: -1 })
    await archive.count('a')
    assert.deepEqual(told.slice(3), [['unlimited', undefined]])
  })

  testOnDomain('entries stay in the order of their arrival when a clock goes back', async (domain) => {
    const archive = domain.archive<number>('x')
    const times = [100, 300, 200, 50, 400, 350]
    const entries = times.map((when, value) => ({ id: `e${value}`, when, with: '', value }))
    for (const one of entries) await archive.append('a', one)
    const find = async (query: ArchiveQuery) =>
      (await archive.find('a', query))?.entries.map(({ value }) => value)
    assert.deepEqual(await find(all), [0, 1, 2, 3, 4, 5])
    assert.deepEqual(await find({ after: 'e1', limit: 9 }), [2, 3, 4, 5])
    assert.deepEqual(await find({ start: 200, limit: 9 }), [1, 2, 4, 5])
    assert.deepEqual(await find({ end: 200, limit: 9 }), [0, 2, 3])
    assert.deepEqual(await find({ end: 350, limit: 2, backward: true }), [3, 5])
    assert.deepEqual(await find({ start: 200, end: 300, limit: 9 }), [1, 2])
  })
}

function testArguments(testOnDomain: TestOnDomain): void {
  testOnDomain('any Unicode text is an id, a party and an owner', async (domain) => {
    const archive = domain.archive<string>('x')
    for (const text of awkwardTexts) {
      await archive.append(text, { id: text, when: 0.5, with: text, value: text })
      await archive.append(text, { id: `${text}2`, when: -1, with: 'other', value: text })
    }
    for (const text of awkwardTexts) {
      const page = await archive.find(text, { with: text, before: `${text}2`, limit: 5 })
      assert.deepEqual(page?.entries, [{ id: text, when: 0.5, with: text, value: text }])
    }
  })

  testOnDomain('a limit or a time that is no number is refused', async (domain) => {
    const archive = domain.archive<number>('x')
    for (const limit of [-1, 1.5, Number.NaN]) {
      await assert.rejects(archive.find('a', { limit }), RangeError)
      await assert.rejects(archive.find('a', { limit: 1, index: limit }), RangeError)
      await assert.rejects(archive.append('a', entry(0), { keep: limit }), RangeError)
      await assert.rejects(archive.remove('a', { most: limit }), RangeError)
    }
    await assert.rejects(archive.append('a', { ...entry(0), when: Number.NaN }), RangeError)
    await assert.rejects(archive.find('a', { start: Number.NaN, limit: 1 }), RangeError)
    await assert.rejects(archive.remove('a', { before: Number.NaN }), RangeError)
  })

  testOnDomain('reads see the entries appended before them, without waiting in between', async (domain) => {
    const archive = domain.archive<number>('x')
    void archive.append('a', entry(0))
    const first = archive.find('a', all)
    void archive.append('a', entry(1))
    const second = archive.count('a')
    assert.deepEqual((await first)?.entries, [entry(0)])
    assert.equal(await second, 2)
  })
}
