import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tag } from './script.ts'
import { isWanted } from './suite.ts'

const tags: readonly Tag[] = [{ name: 'slow' }, { name: 'status', value: 'stable' }]

const cases: readonly (readonly [only: string[], skip: string[], isPlayed: boolean])[] = [
  [[], [], true],
  [['slow'], [], true],
  [['quick'], [], false],
  [['quick', 'slow'], [], true],
  [['status'], [], true],
  [['status: stable'], [], true],
  [['status:stable'], [], true],
  [['status: odd'], [], false],
  [[], ['slow'], false],
  [[], ['status: odd'], true],
  [['status'], ['slow'], false],
]

for (const [onlyTags, skipTags, isPlayed] of cases) {
  test(`tags: only [${onlyTags}], without [${skipTags}]`, () => {
    assert.equal(isWanted(tags, { onlyTags, skipTags }), isPlayed)
  })
}
