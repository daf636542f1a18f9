// The file: who may have it open, and what is wrong with it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { type SqliteOptions, sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-files-'))
after(() => rmSync(folder, { recursive: true }))

/** A server in another process, which has the file open once it prints something. */
const otherServer = `
  import { sqlite } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)}
  await sqlite(process.argv[1]).open()
  console.log('open')
  setInterval(() => {}, 1000)
`

async function opening(path: string, options?: SqliteOptions): Promise<void> {
  const driver = sqlite(path, options)
  try {
    await driver.open()
  } finally {
    await driver.close()
  }
}

test('a second server on the same file is refused, in this process and another, until the first is killed', async () => {
  const path = join(folder, 'served.db')
  const server = spawn(process.execPath, ['--input-type=module', '-e', otherServer, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(server.stdout, 'data')
  await assert.rejects(opening(path), { name: 'StorageError', condition: 'in-use' })
  server.kill('SIGKILL')
  await once(server, 'exit')
  const next = sqlite(path)
  await next.open()
  await assert.rejects(opening(path), { name: 'StorageError', condition: 'in-use' })
  await next.close()
  await opening(path)
})

test('a tool writes beside the server, and each sees what the other wrote', async () => {
  const path = join(folder, 'shared.db')
  const server = sqlite(path)
  const tool = sqlite(path, { isShared: true })
  const [ofServer, ofTool] = [server, tool].map((driver) => driver.keyValue<number>('d/accounts'))
  await ofServer?.set('a', 1)
  await ofTool?.set('b', 2)
  assert.equal(await ofServer?.get('b'), 2)
  assert.equal(await ofTool?.get('a'), 1)
  const both = [ofServer, ofTool].flatMap((store) =>
    Array.from({ length: 100 }, (_, number) => store?.set(`${store === ofTool}${number}`, number)),
  )
  await Promise.all(both)
  assert.equal((await ofServer?.owners())?.length, 202)
  await tool.close()
  await server.close()
})

test('a tool makes the file where there is none', async () => {
  const path = join(folder, 'new.db')
  await opening(path, { isShared: true })
  await opening(path)
})

test('a tool does not bring tables up to date under a server', async () => {
  const path = join(folder, 'old.db')
  const server = sqlite(path)
  await server.open()
  const database = new DatabaseSync(path)
  database.exec('pragma user_version = 1')
  await assert.rejects(opening(path, { isShared: true }), { name: 'StorageError', condition: 'in-use' })
  database.close()
  await server.close()
})

test('only its owner may read the file', async () => {
  const path = join(folder, 'private.db')
  await opening(path)
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('a closed file is one file', async () => {
  const path = join(folder, 'closed.db')
  const driver = sqlite(path)
  await driver.keyValue<number>('d/x').set('a', 1)
  await driver.close()
  assert.equal(existsSync(`${path}-wal`), false)
})

test('a file that is not a database is refused as corrupt, by everything that is asked of it', async () => {
  const path = join(folder, 'not.db')
  writeFileSync(path, 'This is a diary, and not a database.\n'.repeat(100))
  const driver = sqlite(path)
  const refusal = { name: 'StorageError', condition: 'corrupt', message: /not\.db: file is not a database/ }
  await assert.rejects(driver.keyValue<number>('d/x').set('a', 1), refusal)
  await assert.rejects(driver.keyValue('d/x').get('a'), refusal)
  await assert.rejects(driver.open(), refusal)
  await driver.close()
})

test('what needs a damaged part of the file is refused as corrupt and not half done; the rest can be used', async () => {
  const path = join(folder, 'damaged.db')
  const before = sqlite(path)
  await before.keyValue<string>('d/x').set('a', 'whole')
  for (let count = 0; count < 50; count += 1) {
    await before.collection<string>('d/y').set('a', `k${count}`, 'damaged'.repeat(100))
  }
  await before.close()
  const bytes = readFileSync(path)
  for (let page = 4096; page < bytes.length; page += 4096) {
    if (bytes.subarray(page, page + 4096).includes('damaged')) bytes.fill(0xff, page, page + 4096)
  }
  writeFileSync(path, bytes)
  const driver = sqlite(path)
  const refusal = { name: 'StorageError', condition: 'corrupt' }
  await assert.rejects(driver.collection('d/y').all('a'), refusal)
  await assert.rejects(driver.eraseOwner('d', 'a'), refusal)
  assert.equal(await driver.keyValue('d/x').get('a'), 'whole')
  await driver.close()
})

test('a database of another program is refused and left alone', async () => {
  const path = join(folder, 'other.db')
  const database = new DatabaseSync(path)
  database.exec('create table diary (day, text)')
  database.close()
  const bytes = readFileSync(path)
  await assert.rejects(opening(path), { condition: 'corrupt', message: /some other program/ })
  assert.deepEqual(readFileSync(path), bytes)
})

test('a folder that is not there, or is the path, is refused as unopenable', async () => {
  await assert.rejects(opening(join(folder, 'no', 'such.db')), {
    condition: 'unopenable',
    message: /such\.db/,
  })
  mkdirSync(join(folder, 'a-folder.db'))
  await assert.rejects(opening(join(folder, 'a-folder.db')), { condition: 'unopenable' })
})
