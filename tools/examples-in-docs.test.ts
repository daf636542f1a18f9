import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { asInstalled, withExamples } from './examples-in-docs.ts'

const root = dirname(import.meta.dirname)
const read = (path: string) => readFileSync(join(root, path), 'utf8')

test('what docs/embedding.md shows are the examples, all but their tests', () => {
  const page = read('docs/embedding.md')
  assert.equal(page, withExamples(page), 'run “npm run docs”')
  for (const file of globSync('examples/*.ts', { cwd: root })) {
    if (/^examples\/(?:examples|fastify-chat)\.test\.ts$/.test(file)) continue
    assert.ok(page.includes(`<!-- ${file} -->\n\`\`\`ts\n`), file)
  }
})

test('an example that has changed is put in place of what was there', () => {
  const before = 'a\n<!-- examples/embed.ts -->\n```ts\nold\n```\nb\n'
  const after = withExamples(before)
  assert.match(after, /^a\n<!-- examples\/embed\.ts -->\n```ts\n\/\/ A server inside a program/)
  assert.match(after, /\n```\nb\n$/)
  assert.equal(withExamples(after), after)
})

test('whatever documents import from balcony, the package exports', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string> }
  const documents = ['README.md', ...globSync('docs/*.md', { cwd: root })]
  const names = documents.flatMap((document) =>
    [...read(document).matchAll(/from '(balcony(?:\/[\w./-]+)?)'/g)].map((match) => match[1] as string),
  )
  assert.ok(names.length > 10)
  for (const name of new Set(names)) {
    const source = sourceOf(`.${name.slice('balcony'.length)}`, exports)
    assert.ok(source && existsSync(join(root, source)), `${name}: ${source}`)
  }
})

test('programs import by the names that the package exports', () => {
  assert.equal(asInstalled("from '../src/server/server.ts'"), "from 'balcony'")
  assert.equal(asInstalled("from '../src/extensions/muc/muc.ts'"), "from 'balcony/extensions/muc'")
  assert.equal(asInstalled("from '../src/xml/element.ts'"), "from 'balcony/xml/element'")
  assert.equal(asInstalled("from '../test/web.ts'"), "from '../test/web.ts'")
})

/** The source of what Node finds for a name: the whole one, else that with the longest beginning. */
function sourceOf(name: string, exports: Readonly<Record<string, string>>): string | undefined {
  const key = Object.keys(exports)
    .filter((one) => one === name || (one.endsWith('*') && name.startsWith(one.slice(0, -1))))
    .sort((one, other) => other.length - one.length)[0]
  if (key === undefined) return undefined
  const rest = name.slice(key.length - 1)
  return (exports[key] as string).replaceAll('*', rest).replace('./dist/', 'src/').replace(/\.js$/, '.ts')
}
