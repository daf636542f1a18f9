// XEP-0363: a file whose sender was answered 201 is there after the server was killed; of any other there is all or
// nothing, and what was left half-way goes when its slot is over.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { globSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { ManualClock } from '../src/base/clock.ts'
import { disco } from '../src/extensions/disco/disco.ts'
import { upload } from '../src/extensions/upload/upload.ts'
import { createServer } from '../src/server/server.ts'
import { filesIn } from '../src/storage/files.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import { emptyFolder } from './fixtures/balcony-process.ts'
import { startPlainServer } from './fixtures/plain-server.ts'
import { RawClient } from './raw-client.ts'

const rounds = 3
const filesAtOnce = 6
const bytesPerFile = 200_000

/** One file, as its sender knows it. */
interface Sent {
  readonly path: string
  readonly bytes: Buffer
  /** The status that it was answered with, if the answer came. */
  status: number | undefined
}

async function started(test: TestContext, folder: string) {
  const { server, port, ports } = await startPlainServer(test, folder, {
    'accounts.romeo': 'wherefore',
    'listen.http': 0,
    'extensions.upload.slotsPerAccount': 1000,
  })
  const romeo = await RawClient.login(test, port, { user: 'romeo', password: 'wherefore' })
  const slot = async (size: number): Promise<string> => {
    const asked = `<request xmlns='urn:xmpp:http:upload:0' filename='picture.png' size='${size}'/>`
    const answer = await romeo.request('get', asked, { to: 'upload.localhost' })
    const url = /<put url='([^']*)'/.exec(answer)?.[1]
    assert.ok(url, answer)
    return new URL(url).pathname
  }
  return { server, httpPort: ports[1] ?? 0, slot }
}

/** Sends a file; resolves with what is known when the answer or the end of the connection has come. */
function put(port: number, sent: Sent, onAnswer: () => void): Promise<Sent> {
  const { promise, resolve } = Promise.withResolvers<Sent>()
  const headers = { 'content-length': sent.bytes.length }
  const question = request({
    host: '127.0.0.1',
    port,
    path: sent.path,
    method: 'PUT',
    headers,
    agent: false,
  })
  question.on('response', (response) => {
    sent.status = response.statusCode
    response.resume()
    onAnswer()
  })
  question.on('error', () => {})
  question.on('close', () => resolve(sent))
  question.end(sent.bytes)
  return promise
}

/** A file as it is given: its bytes, or the status if there are none. */
async function got(port: number, path: string): Promise<Buffer | number> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | number>()
  const question = request({ host: '127.0.0.1', port, path, agent: false })
  question.on('error', reject)
  question.on('response', (response) => {
    const whole = buffer(response)
    resolve(response.statusCode === 200 ? whole : whole.then(() => response.statusCode as number))
  })
  question.end()
  return promise
}

/** Sends half of what was promised, and waits with the rest. */
async function putHalf(test: TestContext, port: number, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  test.after(() => socket.destroy())
  socket.write(`PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytesPerFile}\r\n\r\n`)
  socket.write(randomBytes(bytesPerFile / 2))
  return socket
}

const partsIn = (folder: string) => globSync('data/files/**/*.part', { cwd: folder })

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (await isSo()) return
    await setTimeout(10)
  }
  assert.fail(`${what} never came`)
}

async function checkAll(port: number, all: readonly Sent[]): Promise<number> {
  let unsure = 0
  for (const { path, bytes, status } of all) {
    const found = await got(port, path)
    if (status === 201) assert.ok(bytes.equals(found as Buffer), `${path}: ${found}`)
    else if (typeof found === 'number') assert.equal(found, 404)
    else assert.ok(bytes.equals(found), 'whole, where it is there')
    if (status !== 201) unsure += 1
  }
  return unsure
}

test('XEP-0363: kill -9 amid uploads loses none that 201 was answered to, and shows none in part', async (t) => {
  const folder = emptyFolder(t)
  const all: Sent[] = []
  const halves: string[] = []
  let unsure = 0
  for (let round = 0; round < rounds; round += 1) {
    const { server, httpPort, slot } = await started(t, folder)
    unsure = await checkAll(httpPort, all)
    for (const path of halves) assert.equal(await got(httpPort, path), 404)
    halves.push(await slot(bytesPerFile))
    const partsBefore = partsIn(folder).length
    await putHalf(t, httpPort, halves.at(-1) as string)
    await until('the half', () => partsIn(folder).length > partsBefore)
    const batch: Sent[] = []
    for (let count = 0; count < filesAtOnce; count += 1)
      batch.push({ path: await slot(bytesPerFile), bytes: randomBytes(bytesPerFile), status: undefined })
    all.push(...batch)
    let left = 1 + round * 2
    const onAnswer = () => {
      left -= 1
      if (left === 0) server.kill('SIGKILL')
    }
    await Promise.all(batch.map((sent) => put(httpPort, sent, onAnswer)))
    await server.ended()
  }
  const { server, httpPort } = await started(t, folder)
  unsure = await checkAll(httpPort, all)
  const again = all.find(({ status }) => status === undefined)
  if (again && (await got(httpPort, again.path)) === 404) {
    await put(httpPort, again, () => {})
    assert.equal(again.status, 201, 'a slot outlives a kill')
  }
  const first = { path: halves[0] as string, bytes: randomBytes(bytesPerFile), status: undefined }
  assert.equal((await put(httpPort, first, () => {})).status, 201)
  server.kill('SIGTERM')
  assert.equal((await server.ended()).code, 0)
  const answered = all.filter(({ status }) => status === 201).length
  assert.ok(answered >= rounds)
  await checkSwept(t, folder, first)
  t.diagnostic(`${answered} files answered with 201, ${unsure} unsure after the last kill`)
})

/** Where the slots are over, nothing is left of what came in part; what came whole stays. */
async function checkSwept(test: TestContext, folder: string, whole: Sent): Promise<void> {
  assert.ok(partsIn(folder).length > 0)
  const clock = new ManualClock(Date.now())
  const server = createServer({
    storage: sqlite(join(folder, 'data', 'balcony.sqlite')),
    files: filesIn(join(folder, 'data', 'files')),
    hosts: { localhost: { extensions: [disco] }, 'upload.localhost': { extensions: [disco, upload] } },
    clock,
  })
  test.after(() => server.close())
  await server.start()
  const { port } = await server.listen({ kind: 'http', host: '127.0.0.1', port: 0 })
  await until('the end of the parts', () => {
    clock.advance(60_000)
    return partsIn(folder).length === 0
  })
  assert.ok(whole.bytes.equals((await got(port, whole.path)) as Buffer))
}
