import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionOf, dayMs, eventually, namespace, uploadStage as stage } from '../../../test/uploads.ts'
import { exchange } from '../../../test/web.ts'
import { jid } from '../../jid/jid.ts'

test('XEP-0363 §7: what was put is got by everybody who knows the address', async (t) => {
  const { slot, put, get } = await stage(t)
  const path = await slot("filename='très cool.txt' size='5' content-type='text/plain'")
  assert.match(path, /^\/upload\/[\w-]{20,}\/tr%C3%A8s%20cool\.txt$/)
  assert.equal((await get(path)).status, 404)
  assert.equal((await put(path, 'hello', { 'content-type': 'text/plain' })).status, 201)
  const { status, text, headers } = await get(path)
  assert.equal(status, 200)
  assert.equal(text, 'hello')
  assert.equal(headers['content-length'], '5')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.match(String(headers['content-security-policy']), /^default-src 'none'/)
  assert.equal(headers['content-disposition'], "inline; filename*=UTF-8''tr%C3%A8s%20cool.txt")
  assert.equal(headers['access-control-allow-origin'], '*')
})

test('XEP-0363 §7: another number of bytes than promised is refused, and the slot is still there', async (t) => {
  const { slot, put, get, port } = await stage(t)
  const path = await slot("filename='a.txt' size='5'")
  assert.equal((await put(path, 'longer than promised')).status, 413)
  assert.equal((await put(path, 'four')).status, 400)
  const chunked = `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`
  assert.match(await exchange(port, chunked), /^HTTP\/1\.1 411 /)
  assert.equal((await get(path)).status, 404)
  assert.equal((await put(path, 'hello')).status, 201)
})

test('XEP-0363 §7: another type than promised is refused', async (t) => {
  const { slot, put } = await stage(t)
  const path = await slot("filename='a.png' size='5' content-type='image/png'")
  assert.equal((await put(path, 'hello', { 'content-type': 'text/html' })).status, 415)
  assert.equal((await put(path, 'hello', { 'content-type': 'image/png; x=y' })).status, 201)
})

test('A file is never replaced, nor put where nothing was promised', async (t) => {
  const { slot, put, get } = await stage(t)
  const path = await slot("filename='a.txt' size='5'")
  await put(path, 'hello')
  assert.equal((await put(path, 'HELLO')).status, 409)
  assert.equal((await get(path)).text, 'hello')
  assert.equal((await put('/upload/AAAAAAAAAAAAAAAAAAAA/a.txt', 'hello')).status, 404)
  assert.equal((await get(path.replace('a.txt', 'b.txt'))).status, 404)
})

test('Of several that are put to one address at once, one is taken', async (t) => {
  const { slot, put, get } = await stage(t)
  const path = await slot("filename='a.txt' size='5'")
  const bodies = ['aaaaa', 'bbbbb', 'ccccc', 'ddddd', 'eeeee', 'fffff']
  const answers = await Promise.all(bodies.map(async (body) => (await put(path, body)).status))
  assert.deepEqual(answers.toSorted(), [201, 409, 409, 409, 409, 409])
  assert.equal((await get(path)).text, bodies[answers.indexOf(201)])
})

test('A client that breaks off leaves nothing behind, and may begin again', async (t) => {
  const { slot, put, get, port } = await stage(t)
  const path = await slot("filename='a.txt' size='5'")
  const { connect } = await import('node:net')
  const socket = connect(port, '127.0.0.1')
  socket.write(`PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhel`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.destroy()
  for (let tries = 0; tries < 500; tries += 1) {
    const { status } = await put(path, 'hello')
    if (status === 201) break
    assert.equal(status, 409)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal((await get(path)).text, 'hello')
})

test('What a browser would run is only saved', async (t) => {
  const { slot, put, get } = await stage(t)
  for (const type of ['text/html', 'image/svg+xml', 'application/javascript', 'application/pdf']) {
    const path = await slot(`filename='a.x' size='1' content-type='${type}'`)
    await put(path, '<')
    const { headers } = await get(path)
    assert.match(String(headers['content-disposition']), /^attachment;/, type)
  }
})

test('RFC 9110 §14: parts of a file, and 304 and HEAD for who has it', async (t) => {
  const { slot, put, get } = await stage(t)
  const path = await slot("filename='a.txt' size='10'")
  await put(path, '0123456789')
  const part = await get(path, { range: 'bytes=2-4' })
  assert.deepEqual([part.status, part.text, part.headers['content-range']], [206, '234', 'bytes 2-4/10'])
  const behind = await get(path, { range: 'bytes=10-' })
  assert.deepEqual([behind.status, behind.headers['content-range']], [416, 'bytes */10'])
  const { headers } = await get(path)
  assert.equal((await get(path, { 'if-none-match': String(headers.etag) })).status, 304)
  assert.equal((await get(path, { range: 'bytes=2-4', 'if-range': '"other"' })).status, 200)
  const head = await get(path, {}, 'HEAD')
  assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '10'])
})

test('XEP-0363 §8: a page from anywhere may send (CORS)', async (t) => {
  const { slot, get } = await stage(t)
  const path = await slot("filename='a.txt' size='10'")
  const asked = await get(
    path,
    { origin: 'https://elsewhere.example', 'access-control-request-method': 'PUT' },
    'OPTIONS',
  )
  assert.equal(asked.status, 204)
  assert.equal(asked.headers['access-control-allow-origin'], '*')
  assert.match(String(asked.headers['access-control-allow-methods']), /PUT/)
})

test('A name is what stands behind the last slash; what is no name is refused', async (t) => {
  const { request, slot } = await stage(t)
  assert.match(await slot("filename='../../../etc/passwd' size='1'"), /\/passwd$/)
  assert.match(await slot("filename='C:\\Windows\\system.ini' size='1'"), /\/system\.ini$/)
  assert.match(await slot("filename='a&#x202e;b?c#d.txt' size='1'"), /\/ab%3Fc%23d\.txt$/)
  for (const bad of ['', '..', '.', '/', ' ', 'x'.repeat(256)])
    assert.equal(conditionOf(await request(`filename='${bad}' size='1'`)), 'bad-request', bad)
})

test('A size is a number of bytes', async (t) => {
  const { request } = await stage(t)
  for (const bad of ['0', '-1', '1.5', '1e3', 'NaN', 'Infinity', '0x10', '', '9'.repeat(30)])
    assert.equal(conditionOf(await request(`filename='a' size='${bad}'`)), 'bad-request', bad)
  for (const bad of ['text', 'text/html\r\nx: y', `a/${'b'.repeat(200)}`])
    assert.equal(
      conditionOf(await request(`filename='a' size='1' content-type='${bad}'`)),
      'bad-request',
      bad,
    )
})

test('XEP-0363 §6: what is larger than may be is refused with how large it may be, by purpose', async (t) => {
  const { request } = await stage(t, { maxBytes: 8, profileMaxBytes: 4 })
  const profile = `<profile xmlns='urn:xmpp:http:upload:purpose:0'/>`
  for (const [purpose, most] of [
    ['', 8],
    [profile, 4],
  ] as const) {
    assert.equal(conditionOf(await request(`filename='a' size='${most}'`, purpose)), 'result')
    const refused = (await request(`filename='a' size='${most + 1}'`, purpose)).child(
      'error',
      'jabber:client',
    )
    assert.ok(refused?.child('not-acceptable', 'urn:ietf:params:xml:ns:xmpp-stanzas'))
    const told = refused?.child('file-too-large', namespace)?.child('max-file-size')?.text
    assert.equal(told, String(most))
  }
})

test('XEP-0363 §6: what is too much for a day is told with the time when it is not', async (t) => {
  const { request, slot, put, clock } = await stage(t, { bytesPerDay: 10, maxBytes: 8 })
  await put(await slot("filename='a' size='6'"), '123456')
  const refused = await request("filename='b' size='6'")
  assert.equal(conditionOf(refused), 'resource-constraint')
  const stamp = refused.child('error', 'jabber:client')?.child('retry', namespace)?.attribute('stamp')
  assert.equal(Date.parse(String(stamp)), clock.now() + dayMs)
  await slot("filename='b' size='6'", '', 'juliet')
  clock.advance(dayMs)
  await slot("filename='b' size='6'")
})

test('XEP-0363 §6: so many files go in a day, and none larger than all of them may be', async (t) => {
  const { request, slot, put, clock } = await stage(t, { filesPerDay: 2, bytesPerDay: 4, maxBytes: 8 })
  assert.equal(conditionOf(await request("filename='a' size='5'")), 'not-acceptable')
  for (const name of ['a', 'b']) await put(await slot(`filename='${name}' size='1'`), 'x')
  assert.equal(conditionOf(await request("filename='c' size='1'")), 'resource-constraint')
  clock.advance(dayMs)
  await slot("filename='c' size='4'")
})

test('What is kept for one account has a bound', async (t) => {
  const { request, slot, put } = await stage(t, { bytesPerAccount: 10, filesPerAccount: 3 })
  await put(await slot("filename='a' size='6'"), '123456')
  assert.equal(conditionOf(await request("filename='b' size='5'")), 'resource-constraint')
  await put(await slot("filename='b' size='1'"), '1')
  await put(await slot("filename='c' size='1'"), '1')
  assert.equal(conditionOf(await request("filename='d' size='1'")), 'resource-constraint')
})

test('A slot that is not used ends, and makes room for another', async (t) => {
  const { request, slot, put, clock } = await stage(t, { slotsPerAccount: 1, slotSeconds: 60 })
  const path = await slot("filename='a' size='1'")
  assert.equal(conditionOf(await request("filename='b' size='1'")), 'resource-constraint')
  clock.advance(60_000)
  assert.equal((await put(path, 'x')).status, 404)
  clock.advance(120_000)
  await eventually(async () => conditionOf(await request("filename='b' size='1'")) === 'result')
})

test('XEP-0363 §5: how long a file is kept goes by its purpose', async (t) => {
  const { slot, put, get, clock } = await stage(t, { keepDays: 2, keepProfileDays: 0, takesPermanent: true })
  const purpose = (name: string, rest = '') => `<${name} xmlns='urn:xmpp:http:upload:purpose:0'${rest}/>`
  const tomorrow = new Date(clock.now() + dayMs).toISOString()
  const paths = {
    message: await slot("filename='a' size='1'"),
    profile: await slot("filename='b' size='1'", purpose('profile')),
    permanent: await slot("filename='c' size='1'", purpose('permanent')),
    ephemeral: await slot("filename='d' size='1'", purpose('ephemeral', ` expire-before='${tomorrow}'`)),
  }
  for (const path of Object.values(paths)) assert.equal((await put(path, 'x')).status, 201)
  const there = async () => {
    const found = await Promise.all(
      Object.entries(paths).map(async ([name, path]) => ((await get(path)).status === 200 ? name : '')),
    )
    return found.filter((name) => name !== '')
  }
  clock.advance(dayMs)
  assert.deepEqual(await there(), ['message', 'profile', 'permanent'])
  clock.advance(dayMs)
  assert.deepEqual(await there(), ['profile', 'permanent'])
})

test('XEP-0363 §5.3: a file goes when it has to, however long others are kept', async (t) => {
  for (const keepDays of [0, 1, 3]) {
    const { slot, put, get, clock } = await stage(t, { keepDays })
    const end = new Date(clock.now() + 2 * dayMs).toISOString()
    const inside = `<ephemeral xmlns='urn:xmpp:http:upload:purpose:0' expire-before='${end}'/>`
    const path = await slot("filename='a' size='1'", inside)
    await put(path, 'x')
    clock.advance(dayMs - 1)
    assert.equal((await get(path)).status, 200, String(keepDays))
    clock.advance(dayMs)
    assert.equal((await get(path)).status, keepDays === 1 ? 404 : 200, 'the shorter of both counts')
    clock.advance(1)
    assert.equal((await get(path)).status, 404, String(keepDays))
  }
})

test('XEP-0363 §5: a time before which a file has to go is one that lies ahead', async (t) => {
  const { request } = await stage(t)
  for (const when of ['2020-01-01T00:00:00Z', 'soon', '']) {
    const inside = `<ephemeral xmlns='urn:xmpp:http:upload:purpose:0' expire-before='${when}'/>`
    assert.equal(conditionOf(await request("filename='a' size='1'", inside)), 'bad-request', when)
  }
})

test('Files of an account that is removed go with it', async (t) => {
  const { server, slot, put, get } = await stage(t)
  const path = await slot("filename='a' size='1'")
  const other = await slot("filename='a' size='1'", '', 'juliet')
  await put(path, 'x')
  await put(other, 'x')
  await server.host('localhost')?.accounts.remove(jid('romeo@localhost'))
  assert.equal((await get(path)).status, 404)
  assert.equal((await get(other)).status, 200)
})

test('XEP-0175 §3: who is here as a guest has no account to send files for', async (t) => {
  const { server } = await stage(t)
  server.host('localhost')?.accounts.admitGuest(jid('nobody@localhost'))
  const guest = await server.connect('nobody@localhost/x')
  await guest.send(
    `<iq type='get' id='slot' to='upload.localhost'><request xmlns='${namespace}' filename='a' size='1'/></iq>`,
  )
  const error = (await guest.receive())?.child('error')
  assert.ok(error?.child('forbidden', 'urn:ietf:params:xml:ns:xmpp-stanzas'))
})
