// The driver as it is published: built to JavaScript, it has to find its thread's program beside it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'balcony-built-'))
after(() => rmSync(folder, { recursive: true }))

const project = join(import.meta.dirname, '..', '..')

/** Builds this folder as `npm run build` does all of them; answers the path of the driver. */
function build(): string {
  const settings = {
    extends: join(project, 'tsconfig.build.json'),
    compilerOptions: {
      rootDir: join(project, 'src'),
      outDir: join(folder, 'dist'),
      typeRoots: [join(project, 'node_modules', '@types')],
    },
    include: [],
    files: ['sqlite.ts', 'sqlite-worker.ts'].map((name) => join(import.meta.dirname, name)),
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const compiler = join(project, 'node_modules', '.bin', 'tsc')
  const { status, stdout } = spawnSync(compiler, ['-p', folder], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  return join(folder, 'dist', 'storage', 'sqlite.js')
}

test('the built driver keeps a value in a file', () => {
  const program = `
    import { sqlite } from ${JSON.stringify(build())}
    const driver = sqlite(process.argv[1])
    await driver.keyValue('d/x').set('a', 'kept')
    console.log(await driver.keyValue('d/x').get('a'))
    await driver.close()
  `
  const args = ['--input-type=module', '-e', program, join(folder, 'built.db')]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(stdout, 'kept\n', stderr)
})
