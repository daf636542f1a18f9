// The package as it is published: built, packed and unpacked. Its command serves the web chat, programs that import from
// it run, and its types are right.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { asInstalled } from '../tools/examples-in-docs.ts'
import { BalconyProcess, emptyFolder } from './fixtures/balcony-process.ts'
import { ask } from './web.ts'

const run = promisify(execFile)
const project = dirname(import.meta.dirname)
const binary = (name: string) => join(project, 'node_modules', '.bin', name)
const folder = mkdtempSync(join(tmpdir(), 'balcony-package-'))
const app = join(folder, 'app')
const installed = join(app, 'node_modules', 'balcony')
const examples = ['embed', 'echo-bot', 'own-extension', 'hooks', 'fastify-chat']

/** Builds and packs in a copy, as `npm publish` does, and unpacks it where an app has it, with what it depends on. */
async function install(): Promise<void> {
  const source = join(folder, 'source')
  mkdirSync(source)
  for (const file of ['package.json', 'CHANGELOG.md', 'README.md', 'LICENSE'])
    cpSync(join(project, file), join(source, file))
  const dist = join(source, 'dist')
  await run(binary('tsc'), ['-p', join(project, 'tsconfig.build.json'), '--outDir', dist])
  await run(process.execPath, [join(project, 'tools', 'bring-web-chat.ts'), dist])
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--offline'], { cwd: source })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  mkdirSync(installed, { recursive: true })
  await run('tar', ['xzf', join(source, filename), '-C', installed, '--strip-components=1'])
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of [...Object.keys(dependencies), '@types/node']) link(name)
}

function link(name: string): void {
  const target = join(app, 'node_modules', name)
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(join(project, 'node_modules', name), target)
}

before(async () => {
  await install()
  writeFileSync(join(app, 'package.json'), '{"type":"module"}')
  for (const name of examples) {
    const program = readFileSync(join(project, 'examples', `${name}.ts`), 'utf8')
    writeFileSync(join(app, `${name}.ts`), asInstalled(program))
  }
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('what is published is what is needed: no sources, no tests, no maps', () => {
  const files = globSync('**/*', { cwd: installed, withFileTypes: true }).filter((entry) => entry.isFile())
  const names = files.map(({ name }) => name)
  assert.ok(names.includes('LICENSE') && names.includes('README.md'))
  assert.deepEqual(
    names.filter((name) => /(?<!\.d)\.ts$|\.test\.|\.scs$|\.map$/.test(name)),
    [],
  )
})

test('the command starts, serves the web chat and its files, and stops', async (t) => {
  const main = join(installed, 'dist', 'cli', 'main.js')
  const words = ['start', '--port', '0', '--tls-port', 'false', '--https-port', 'false', '--http-port', '0']
  const environment = { BALCONY_LOG_FORMAT: 'json' }
  const server = new BalconyProcess(t, words, { folder: emptyFolder(t), environment, main })
  const [, port = 0] = await server.ports()
  const { status, text } = await ask(port, '/')
  assert.equal(status, 200)
  assert.match(text, /data-domain="localhost" data-rooms="rooms\.localhost"/)
  const links = [...text.matchAll(/(?:src|href)="([^"?]+)"/g)].map((match) => match[1] as string)
  assert.ok(links.length >= 5)
  for (const target of links) assert.equal((await ask(port, `/${target}`)).status, 200, target)
  server.kill('SIGTERM')
  assert.equal((await server.ended()).code, 0)
})

test('the examples run where they import from the package', async () => {
  for (const name of examples) {
    const { stdout, stderr } = await run(process.execPath, [join(app, `${name}.ts`)])
    assert.notEqual(stdout, '', name)
    assert.equal(stderr, '', name)
  }
})

test('every name that the package exports can be imported', async () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    exports: Record<string, string>
  }
  const extensions = globSync('dist/extensions/*', { cwd: installed }).map((path) => basename(path))
  const names = [
    ...Object.keys(exports).filter((name) => !name.includes('*')),
    ...extensions.map((name) => `./extensions/${name}`),
    './storage/files',
    './storage/sqlite',
    './storage/contract',
    './stanza/stanza',
    './host/message',
    './host/presence',
    './base/scope',
    './xml/element',
  ].map((name) => `balcony${name.slice(1)}`)
  const program = `for (const name of ${JSON.stringify(names)}) await import(name)`
  writeFileSync(join(app, 'import-all.js'), program)
  await run(process.execPath, [join(app, 'import-all.js')])
})

test('its types are those that programs need', async () => {
  const settings = {
    extends: join(project, 'tsconfig.json'),
    compilerOptions: { typeRoots: [join(project, 'node_modules', '@types')], noEmit: true },
    include: examples.map((name) => `${name}.ts`),
  }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(settings))
  writeFileSync(join(app, 'wrong.ts'), wrongProgram)
  await run(binary('tsc'), ['-p', app]).catch(({ stdout }) => assert.fail(stdout))
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ ...settings, include: ['wrong.ts'] }))
  await run(binary('tsc'), ['-p', app]).catch(({ stdout }) => assert.fail(stdout))
})

/** Each of these mistakes is found before the program runs. */
const wrongProgram = `
import { createServer } from 'balcony'
import { defineExtension } from 'balcony/host/extension'
import { memory } from 'balcony/storage/sqlite'
const hooks = defineExtension({
  name: 'hooks',
  setup(host) {
    host.sent.check(({ message, session }) => {
      const type: 'chat' | 'error' | 'groupchat' | 'headline' | 'normal' = message.type
      console.log(type, session?.jid.bare)
      // @ts-expect-error: stanzas do not change
      message.type = 'chat'
    })
    // @ts-expect-error: there is no such phase
    host.sent.deliver(() => {})
    // @ts-expect-error: presence is no message
    host.presenceReceived.deliver(({ message }) => message)
  },
})
const server = createServer({ storage: memory(), hosts: { 'example.org': { extensions: [hooks] } } })
await server.send({ from: 'example.org', to: 'anna@example.org', body: 'Hello' })
// @ts-expect-error: errors are answers, and not sent of one's own accord
await server.send({ from: 'example.org', to: 'anna@example.org', type: 'error' })
// @ts-expect-error: a message goes to somebody
await server.send({ from: 'example.org', body: 'Hello' })
`
