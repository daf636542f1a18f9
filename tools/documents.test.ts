// The documents speak of what is there.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { configSchema } from '../src/server/config.ts'
import { importsByFolder } from './layers.ts'

const root = dirname(import.meta.dirname)
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })]

test('every path that docs/ARCHITECTURE.md names exists', () => {
  const paths = [...read('docs/ARCHITECTURE.md').matchAll(/`((?:src|test|bench|tools)\/[^`]*)`/g)].map(
    (match) => match[1],
  )
  assert.ok(paths.length > 30)
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(root, path as string))),
    [],
  )
})

test('every link inside the documents leads somewhere', () => {
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] as string)
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  )
  assert.deepEqual(broken, [])
})

test('the table of layers in the decision is the one that is checked', () => {
  const text = read('docs/decisions/0001-one-package-with-layers.md')
  for (const [folder, imports] of Object.entries(importsByFolder)) {
    const row = text
      .split('\n')
      .find((line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${folder}\``))
    assert.ok(row, `no row for ${folder}`)
    if (/above|nothing/.test(row)) continue
    assert.deepEqual(row.split('|')[2]?.split(',')[0]?.trim().split(' '), imports, row)
  }
})

test('decisions are numbered without gaps, and each has context, choice and cost', () => {
  const files = globSync('docs/decisions/*.md', { cwd: root }).sort()
  const numbers = files.map((file) => Number(file.slice('docs/decisions/'.length).split('-')[0]))
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  )
  for (const file of files) {
    assert.match(read(file), /^(## |\*\*)Context[\s\S]*^(## |\*\*)Choice[\s\S]*^(## |\*\*)Cost/m, file)
  }
})

test('every option has a sentence in the manual', () => {
  const page = read('docs/made/options.md')
  for (const line of page.split('\n').filter((text) => text.startsWith('| `'))) {
    assert.notEqual(line.split('|').at(-2)?.trim(), '', line)
  }
  for (const name of Object.keys(configSchema.shape)) assert.ok(page.includes(`| \`${name}`), name)
})

test('package-lock.json names no registry', () => {
  // A package inside another one is a link to it.
  assert.doesNotMatch(read('package-lock.json'), /"resolved": "(?!node_modules\/)/)
})

test('what package.json exports is made from a source that exists', () => {
  const { exports, bin } = JSON.parse(read('package.json')) as {
    exports: Record<string, string>
    bin: Record<string, string>
  }
  const examples: Record<string, string> = {
    './extensions/*': 'ping',
    './storage/*': 'sqlite',
    './base/*': 'options',
    './host/*': 'extension',
    './xml/*': 'element',
    './stanza/*': 'stanza-error',
  }
  for (const [name, target] of [...Object.entries(exports), ...Object.entries(bin)]) {
    const source = target.replace('./', '').replace('dist/', 'src/').replace(/js$/, 'ts')
    assert.ok(existsSync(join(root, source.replaceAll('*', examples[name] ?? '*'))), name)
  }
})
