// Where a configuration is found, and what goes over what.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { catalog } from '../server/catalog.ts'
import { CommandError } from './command-error.ts'
import { type ConfigRequest, loadConfig, parseSetting } from './config-source.ts'
import { dataFile } from './open-server.ts'

const source = join(import.meta.dirname, '..')

function folderWith(test: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'balcony-config-'))
  test.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function load(folder: string, request: Partial<ConfigRequest> = {}) {
  return loadConfig({ settings: [], environment: {}, folder, catalog, ...request })
}

const fails = (pattern: RegExp) => (error: unknown) =>
  error instanceof CommandError && error.exitCode === 2 && pattern.test(error.message)

test('without a file there are defaults', async (t) => {
  const loaded = await load(folderWith(t, {}))
  assert.equal(loaded.file, undefined)
  assert.equal(loaded.config.domain, 'localhost')
})

test('the command line goes over the environment, that over the file', async (t) => {
  const folder = folderWith(t, {
    'balcony.config.json': JSON.stringify({
      $schema: 'x',
      domain: 'file.example',
      data: 'file',
      listen: { starttls: 1, directTls: 2 },
    }),
  })
  const { config } = await load(folder, {
    environment: { BALCONY_DATA: 'environment', BALCONY_LISTEN_STARTTLS: '3' },
    settings: [parseSetting('listen.starttls=4')],
  })
  assert.deepEqual(
    [config.domain, config.data, config.listen.starttls, config.listen.directTls],
    ['file.example', 'environment', 4, 2],
  )
})

test('a TypeScript file is read, and read again when it has changed', async (t) => {
  const text = (domain: string) =>
    `import { defineConfig } from '${source}/server/config.ts'\nexport default defineConfig({ domain: '${domain}' })\n`
  const folder = folderWith(t, { 'balcony.config.ts': text('one.example') })
  assert.equal((await load(folder)).config.domain, 'one.example')
  writeFileSync(join(folder, 'balcony.config.ts'), text('two.example'))
  assert.equal((await load(folder)).config.domain, 'two.example')
})

test('paths start at the folder of the file', async (t) => {
  const folder = folderWith(t, {})
  mkdirSync(join(folder, 'etc'))
  writeFileSync(join(folder, 'etc', 'balcony.config.json'), '{"data": "kept"}')
  const loaded = await load(folder, { file: 'etc/balcony.config.json' })
  assert.equal(dataFile(loaded), join(folder, 'etc', 'kept', 'balcony.sqlite'))
})

test('faults name where the value came from', async (t) => {
  const folder = folderWith(t, {
    'balcony.config.json': '{"log": {"level": "loud"}, "listen": {"starttls": "x"}}',
  })
  const environment = { BALCONY_LISTEN_STARTTLS: 'y' }
  await assert.rejects(
    load(folder, { environment }),
    fails(
      /balcony\.config\.json: log\.level: .*\nBALCONY_LISTEN_STARTTLS: listen\.starttls: expected .*not "y"|^BALCONY_LISTEN_STARTTLS[\s\S]*balcony\.config\.json: log\.level/,
    ),
  )
})

test('two files, a file without a configuration and one that does not run are said in a line', async (t) => {
  const both = folderWith(t, { 'balcony.config.json': '{}', 'balcony.config.ts': 'export default {}' })
  await assert.rejects(load(both), fails(/say which with --config/))
  await assert.rejects(
    load(folderWith(t, { 'balcony.config.ts': 'export const x = 1' })),
    fails(/no default export/),
  )
  await assert.rejects(
    load(folderWith(t, { 'balcony.config.ts': 'throw new Error("boo\\nhoo")' })),
    fails(/: boo$/),
  )
  await assert.rejects(load(folderWith(t, { 'balcony.config.json': '[]' })), fails(/expected an object/))
})

test('own extensions are loaded by path or given as they are, and their options are checked', async (t) => {
  const extension = `import { defineExtension } from '${source}/host/extension.ts'
import { integer } from '${source}/base/options.ts'
export const greet = defineExtension({ name: 'greet', options: { times: integer(1, 'how often') }, setup() {} })
`
  const folder = folderWith(t, {
    'greet.ts': extension,
    'balcony.config.ts': `import { greet } from './greet.ts'\nexport default { load: [greet], extensions: { greet: { times: 2 } } }\n`,
    'by-path.json': '{"load": ["./greet.ts"], "extensions": {"greet": {"times": -1}}}',
    'nothing.json': '{"load": ["./none.ts"]}',
    'wrong.json': '{"load": [5]}',
  })
  const names = (await load(folder)).domains[0]?.extensions.map(({ name }) => name)
  assert.ok(names?.includes('greet'))
  await assert.rejects(
    load(folder, { file: 'by-path.json' }),
    fails(/extensions\.greet\.times: expected at least 0, not -1/),
  )
  await assert.rejects(load(folder, { file: 'nothing.json' }), fails(/load: \.\/none\.ts: /))
  await assert.rejects(load(folder, { file: 'wrong.json' }), fails(/load\[0\]: expected an extension/))
})
