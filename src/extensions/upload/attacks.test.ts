// Tricks with paths and headers, written to the socket as they are.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { uploadStage } from '../../../test/uploads.ts'
import { exchange } from '../../../test/web.ts'

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])

/** A server with one file that is there, and one slot that waits for five bytes. */
async function stage(t: TestContext) {
  const { port, slot, put, get } = await uploadStage(t)
  const path = await slot("filename='a.txt' size='5'")
  assert.equal((await put(path, 'hello')).status, 201)
  const open = await slot("filename='b.txt' size='5'")
  const send = (request: string) => exchange(port, request)
  const asked = (target: string, headers = '', method = 'GET') =>
    send(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`)
  return { path, open, put, get, asked, send, id: path.split('/')[2] as string }
}

test('a path that is written in another way is another path, and leads nowhere', async (t) => {
  const { path, id, asked } = await stage(t)
  for (const target of [
    `/${path}`,
    path.replace('/upload/', '/upload//'),
    path.replace('/a.txt', '//a.txt'),
    `${path}/`,
    `${path}/.`,
    `${path}%00`,
    `${path}%00.png`,
    `${path}%2f..%2fa.txt`,
    `/upload/%2e%2e/upload/${id}/a.txt`,
    `/upload/../upload/${id}/a.txt`,
    `/upload/x/../${id}/a.txt`,
    `/Upload/${id}/a.txt`,
    `/upload\\${id}\\a.txt`,
    `/upload/${id}\\..\\..\\a.txt`,
    `/upload/${id}%2fa.txt`,
    `/%75pload/${id}/a.txt`,
    `/upload/${id}/`,
    `/upload/${id}`,
    '/upload/',
    '/upload',
    `/upload/${id}/A.TXT`,
    `/upload/${id}/%zz`,
    `/upload/${id}/%ff%fe`,
    `/upload/${id}/a.txt;x=y`,
    `/upload/../../../../etc/passwd`,
    `/upload/..%2f..%2f..%2fetc%2fpasswd/x`,
    `/upload/%2e%2e%2f%2e%2e%2fbalcony.sqlite/a.txt`,
    `/upload/${'a'.repeat(5000)}/a.txt`,
    `/upload/__proto__/a.txt`,
    `/upload/${id.slice(0, 2)}/${id}`,
  ]) {
    const answer = await asked(target)
    assert.ok([400, 404, 414].includes(statusOf(answer)), `${target}: ${answer}`)
    assert.doesNotMatch(answer, /hello|root:|SQLite/, target)
  }
})

test('a target with scheme and host (RFC 9112 §3.2.2), or with a host alone, leads nowhere else', async (t) => {
  const { path, send } = await stage(t)
  for (const line of [
    `GET http://elsewhere.example${path} HTTP/1.1`,
    `GET http://localhost${path} HTTP/1.1`,
    `GET //elsewhere.example${path} HTTP/1.1`,
    `GET * HTTP/1.1`,
    `CONNECT elsewhere.example:443 HTTP/1.1`,
  ]) {
    const answer = await send(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    assert.ok(answer === '' || statusOf(answer) >= 400, `${line}: ${answer}`)
    assert.doesNotMatch(answer, /hello/)
  }
})

test('whatever is said to be the host, no address is made of it', async (t) => {
  const { path, send } = await stage(t)
  for (const host of [
    'elsewhere.example',
    'localhost:1',
    'localhost@elsewhere.example',
    '[::1]',
    '../..',
    '%00',
  ]) {
    const answer = await send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    assert.ok([200, 400, 404].includes(statusOf(answer)), `${host}: ${answer}`)
    assert.doesNotMatch(answer, /elsewhere|location:/i, host)
  }
  const twice = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n`
  assert.doesNotMatch(await send(twice), /elsewhere/)
  assert.equal(statusOf(await send(`GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`)), 400)
})

test('RFC 9112 §6.3, §11.2: a length that can be read in two ways is refused, and nothing is kept', async (t) => {
  const { open, get, send } = await stage(t)
  const start = `PUT ${open} HTTP/1.1\r\nHost: localhost\r\n`
  for (const [headers, body] of [
    ['Content-Length: 5\r\nContent-Length: 6', 'hello'],
    ['Content-Length: 5\r\nContent-Length: 5', 'hello'],
    ['Content-Length: 5, 5', 'hello'],
    ['Content-Length: +5', 'hello'],
    ['Content-Length: 0x5', 'hello'],
    ['Content-Length: 5 ,6', 'hello'],
    ['Content-Length: -1', ''],
    ['Content-Length: 99999999999999999999999', 'hello'],
    ['Content-Length: 5\r\nTransfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
    ['Transfer-Encoding: chunked\r\nContent-Length: 5', '5\r\nhello\r\n0\r\n\r\n'],
    ['Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
    ['Transfer-Encoding: identity', 'hello'],
    ['Transfer-Encoding: gzip, chunked', '5\r\nhello\r\n0\r\n\r\n'],
    ['Transfer-Encoding:\x0bchunked', '5\r\nhello\r\n0\r\n\r\n'],
    ['Content-Length : 5', 'hello'],
    ['Content-Length: 5\r\n X: y', 'hello'],
  ] as const) {
    const answer = await send(`${start}${headers}\r\nConnection: close\r\n\r\n${body}`)
    assert.ok(statusOf(answer) >= 400 && statusOf(answer) < 500, `${headers}: ${answer}`)
    assert.equal((await get(open)).status, 404, headers)
  }
})

test('what stands behind a refused or a whole body is no request of its own', async (t) => {
  const { path, open, send, get } = await stage(t)
  const smuggled = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
  const tooLong = `PUT ${open} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`
  const answer = await send(tooLong)
  assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, answer)
  assert.equal(statusOf(answer), 413)
  assert.doesNotMatch(answer, /hello/)
  assert.equal((await get(open)).status, 404)
})

test('RFC 9110 §10.1.1: who asks before sending is told to go on, or to leave it', async (t) => {
  const { path, open, send } = await stage(t)
  const ask = (target: string, length: number) =>
    `PUT ${target} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`
  const statusesOf = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1])
  assert.deepEqual(statusesOf(await send(ask(path, 5))), ['100', '409'])
  assert.deepEqual(statusesOf(await send(ask(open, 1e12))), ['100', '413'])
  assert.deepEqual(statusesOf(await send(ask(`${open}x`, 5))), ['100', '404'])
  assert.deepEqual(statusesOf(await send(`${ask(open, 5)}hello`)), ['100', '201'])
  const odd = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nExpect: the-unexpected\r\nConnection: close\r\n\r\n`
  assert.equal(statusOf(await send(odd)), 417)
})

test('RFC 9110 §14.2: however many ranges are asked for, no more than the file comes', async (t) => {
  const { path, asked } = await stage(t)
  const many = Array.from({ length: 1000 }, (_, index) => `${index % 5}-`).join()
  for (const range of [
    many,
    '0-,0-,0-',
    '-1,-2',
    '0-0,-1',
    '0-99999999999999999999',
    '18446744073709551615-',
    '--1',
  ]) {
    const answer = await asked(path, `Range: bytes=${range}\r\n`)
    assert.ok([200, 206, 416].includes(statusOf(answer)), `${range}: ${answer}`)
    assert.ok((answer.split('\r\n\r\n')[1] ?? '').length <= 5, range)
    assert.doesNotMatch(answer, /multipart/)
  }
  const head = await asked(path, 'Range: bytes=1-2\r\n', 'HEAD')
  assert.match(head, /content-length: 2\r\n/i)
  assert.doesNotMatch(head, /\r\n\r\n./)
})

test('headers that are huge, many or no text are refused, or do nothing', async (t) => {
  const { path, asked } = await stage(t)
  assert.equal(statusOf(await asked(path, `X: ${'x'.repeat(100_000)}\r\n`)), 431)
  assert.equal(statusOf(await asked(path, 'X: x\r\n'.repeat(500))), 431)
  for (const header of ['X: a\0b', 'X\0: a', 'X: a\rb', ': x', 'X'])
    assert.equal(statusOf(await asked(path, `${header}\r\n`)), 400, JSON.stringify(header))
  for (const name of [
    'If-None-Match',
    'If-Range',
    'If-Modified-Since',
    'Range',
    'Accept-Encoding',
    'Cookie',
    'Origin',
  ]) {
    const answer = await asked(path, `${name}: ${'%00\u00ff../"'.repeat(100)}\r\n`)
    assert.equal(statusOf(answer), 200, name)
    assert.match(answer, /\r\n\r\nhello$/, name)
  }
})

test('methods that are not for files do nothing to them', async (t) => {
  const { path, asked, get } = await stage(t)
  for (const method of ['POST', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'MKCOL', 'COPY', 'LOCK', 'SEARCH']) {
    const answer = await asked(path, 'Content-Length: 0\r\n', method)
    assert.ok([404, 405].includes(statusOf(answer)), `${method}: ${answer}`)
  }
  for (const method of ['put', 'GETS', 'G\0ET', ''])
    assert.equal(statusOf(await asked(path, '', method)), 400, JSON.stringify(method))
  for (const header of ['X-HTTP-Method-Override: PUT', 'X-Method-Override: DELETE'])
    assert.match(await asked(path, `${header}\r\n`), /\r\n\r\nhello$/)
  assert.equal((await get(path)).text, 'hello')
})
