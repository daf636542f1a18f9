import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { ask, exchange, webServer } from '../../test/web.ts'
import { defineExtension } from '../host/extension.ts'
import type { MountOptions } from '../host/web.ts'
import { mostPipelined } from './pipelining.ts'
import { defaultHttpLimits } from './settings.ts'

const shop = (path: string, text: string, options: MountOptions = {}) =>
  defineExtension({
    name: `shop${path}`,
    setup(host) {
      const routes = (app: FastifyInstance) => {
        app.get('/', () => text)
        app.get('/goods/:name', ({ params }) => (params as { name: string }).name)
        app.get('/facts', ({ ip, protocol, host: authority }) => ({ ip, protocol, authority }))
        app.get('/bug', () => {
          throw new Error('secret inside')
        })
        app.post('/', ({ body }) => JSON.stringify(body))
      }
      host.web.mount(path, routes, options)
      return { url: () => host.web.url }
    },
  })

test('a mount answers at its path and below it, nothing else answers', async (t) => {
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [shop('/shop', 'open')] } } })
  assert.equal((await ask(port, '/shop')).text, 'open')
  assert.equal((await ask(port, '/shop/goods/tea')).text, 'tea')
  for (const path of [
    '/',
    '/shopping',
    '/shop/none',
    '//shop',
    '/./shop',
    '/%73hop',
    '/Shop',
    '*',
    '/shop/%zz',
  ]) {
    const { status, text } = await ask(port, path)
    assert.ok(status === 404 || status === 400, `${path}: ${status}`)
    assert.equal(text, '', path)
  }
})

test('nothing says what serves it, and errors keep what went wrong to themselves', async (t) => {
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [shop('/shop', 'open')] } } })
  for (const path of ['/', '/shop', '/shop/bug', '/shop/none']) {
    const { headers, text } = await ask(port, path)
    assert.equal(headers.server, undefined)
    assert.equal(headers['x-powered-by'], undefined)
    assert.equal(headers['x-content-type-options'], 'nosniff', path)
    assert.doesNotMatch(text, /secret|error/i)
  }
  assert.equal((await ask(port, '/shop/bug')).status, 500)
})

test('the longest path wins, also one of a service over the root of its domain', async (t) => {
  const service = defineExtension({
    name: 'service',
    setup(host) {
      host.serve({ receive() {} })
      host.web.mount('/files', (app) => void app.get('/', () => 'files'))
    },
  })
  const hosts = {
    localhost: { extensions: [shop('/', 'root')] },
    'files.localhost': { extensions: [service] },
  }
  const { port } = await webServer(t, { hosts })
  assert.equal((await ask(port, '/files', { headers: { host: 'localhost' } })).text, 'files')
  assert.equal((await ask(port, '/', { headers: { host: 'localhost' } })).text, 'root')
})

test('each domain shows its own mounts; a name that is no domain here those of the first that has one', async (t) => {
  const { port } = await webServer(t, {
    hosts: {
      'one.example': { extensions: [shop('/shop', 'one')] },
      'two.example': { extensions: [shop('/shop', 'two'), shop('/more', 'more')] },
      'three.example': { extensions: [] },
    },
  })
  const at = async (host: string, path: string) => (await ask(port, path, { headers: { host } })).text
  assert.equal(await at('one.example', '/shop'), 'one')
  assert.equal(await at(`two.example:${port}`, '/shop'), 'two')
  assert.equal(await at('TWO.example', '/shop'), 'two')
  assert.equal(await at('127.0.0.1', '/shop'), 'one')
  assert.equal(await at('127.0.0.1', '/more'), 'more')
  assert.equal(await at('one.example', '/more'), '')
  assert.equal(await at('three.example', '/shop'), '')
})

test('what an unloaded extension had mounted is gone', async (t) => {
  const extension = shop('/shop', 'open')
  const { server, port } = await webServer(t, { hosts: { localhost: { extensions: [extension] } } })
  assert.equal((await ask(port, '/shop')).status, 200)
  server.host('localhost')?.extensions.unload(extension)
  assert.equal((await ask(port, '/shop')).status, 404)
})

test('a path is mounted once, and must be one', async (t) => {
  const { server } = await webServer(t)
  const web = server.host('localhost')?.web
  assert.ok(web)
  web.mount('/a', () => {})
  for (const path of ['/a', 'a', '', '/a/', '/a/../b', '/a b', '/%61', '//', '/..'])
    assert.throws(() => web.mount(path, () => {}), Error, path)
})

test('a body that is longer than its mount allows is refused', async (t) => {
  const extensions = [shop('/shop', 'open', { bodyBytes: 20 })]
  const { port } = await webServer(t, { hosts: { localhost: { extensions } } })
  const post = (body: string) =>
    ask(port, '/shop', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  assert.deepEqual(await post('{"a":1}').then(({ status, text }) => [status, text]), [200, '{"a":1}'])
  assert.equal((await post(`{"a":"${'x'.repeat(20)}"}`)).status, 413)
})

test('proxies that are trusted are believed, others are not', async (t) => {
  const facts = async (trustedProxies: string[], headers: Record<string, string>) => {
    const { port } = await webServer(t, {
      hosts: { localhost: { extensions: [shop('/shop', '')] } },
      web: { trustedProxies },
    })
    const { text } = await ask(port, '/shop/facts', { headers: { host: 'localhost', ...headers } })
    return JSON.parse(text)
  }
  const headers = {
    'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.1.2.3',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'chat.example',
  }
  assert.deepEqual(await facts(['127.0.0.1', '10.0.0.0/8'], headers), {
    ip: '203.0.113.7',
    protocol: 'https',
    authority: 'chat.example',
  })
  assert.deepEqual(await facts([], headers), { ip: '127.0.0.1', protocol: 'http', authority: 'localhost' })
  await assert.rejects(webServer(t, { web: { trustedProxies: ['10.0.0.0/99'] } }), TypeError)
})

test('an answer that is under way when the server ends is given, one that takes for ever is not', async (t) => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
  const slow = defineExtension({
    name: 'slow',
    setup(host) {
      host.web.mount('/slow', (app) => {
        app.get('/', async () => {
          onAsked()
          await new Promise((resolve) => setTimeout(resolve, 100))
          return 'at last'
        })
        app.get('/never', () => new Promise(() => {}))
      })
    },
  })
  const { server, port } = await webServer(t, { hosts: { localhost: { extensions: [slow] } } })
  const never = ask(port, '/slow/never')
  const answer = ask(port, '/slow')
  await asked
  const closing = server.close()
  assert.equal((await answer).text, 'at last')
  await assert.rejects(never)
  await closing
})

test('headers have a limit in bytes and in number (RFC 6585 §5)', async (t) => {
  const limits = { ...defaultHttpLimits, headerBytes: 2048, headers: 10 }
  const hosts = { localhost: { extensions: [shop('/shop', 'open')] } }
  const { port } = await webServer(t, { hosts, web: { limits } })
  const asked = (headers: string) =>
    exchange(port, `GET /shop HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`)
  assert.match(await asked(''), /^HTTP\/1\.1 200 /)
  assert.match(await asked(`X: ${'x'.repeat(3000)}\r\n`), /^HTTP\/1\.1 431 /)
  assert.match(await asked('X: x\r\n'.repeat(20)), /^HTTP\/1\.1 431 /)
})

test('who sends a request too slowly is let go', async (t) => {
  const limits = { ...defaultHttpLimits, headersMs: 100, requestMs: 300, silenceMs: 200 }
  const { port } = await webServer(t, { web: { limits } })
  assert.match(await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\nX:'), /^(HTTP\/1\.1 408 |$)/)
  assert.match(await exchange(port, ''), /^(HTTP\/1\.1 408 |$)/)
})

test('requests that two servers could read in two ways are refused (RFC 9112 §11.2)', async (t) => {
  const hosts = { localhost: { extensions: [shop('/shop', 'open')] } }
  const { port } = await webServer(t, { hosts })
  const tricks = [
    'POST /shop HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /shop HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    'POST /shop HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n',
    'GET /shop HTTP/1.1\r\n\r\n',
    'GET /shop HTTP/1.1\r\nHost : a\r\n\r\n',
    'GET /shop HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n',
    'GET /shop HTTP/1.1\nHost: a\n\n',
    'nonsense\r\n\r\n',
  ]
  for (const trick of tricks) assert.match(await exchange(port, trick), /^HTTP\/1\.1 400 /, trick)
})

test('who asks on and on before the first answer is let go (RFC 9112 §9.3.2)', async (t) => {
  let asked = 0
  const waiting = defineExtension({
    name: 'waiting',
    setup(host) {
      host.web.mount('/wait', (app) => {
        app.get('/', () => {
          asked += 1
          return new Promise(() => {})
        })
      })
      host.web.mount('/quick', (app) => {
        app.get('/', () => 'yes')
      })
    },
  })
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [waiting] } } })
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`
  assert.equal(await exchange(port, get('/wait').repeat(1000)), '')
  assert.ok(asked <= mostPipelined)
  const few = get('/quick').repeat(15) + get('/quick', 'Connection: close\r\n')
  assert.equal((await exchange(port, few)).split('HTTP/1.1 200').length - 1, 16)
})

test('connections are counted in total and by address; those of trusted proxies in total only', async (t) => {
  const opened = async (trustedProxies: string[], caps: object) => {
    const limits = { ...defaultHttpLimits, ...caps }
    const { port, listener } = await webServer(t, { web: { limits, trustedProxies } })
    const ends = Array.from({ length: 5 }, async () => {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      t.after(() => socket.destroy())
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      return Promise.race([
        new Promise<number>((resolve) => socket.once('data', () => resolve(1))),
        new Promise<number>((resolve) => socket.once('close', () => resolve(0))),
      ])
    })
    const answered = (await Promise.all(ends)).reduce((sum, one) => sum + one, 0)
    assert.equal(listener.connections, answered)
    return answered
  }
  assert.equal(await opened([], { connectionsPerAddress: 3 }), 3)
  assert.equal(await opened(['127.0.0.1'], { connectionsPerAddress: 3 }), 5)
  assert.equal(await opened(['127.0.0.1'], { connections: 4 }), 4)
})

test('the address of a domain on the web is what is configured, or where the server listens', async (t) => {
  const extension = shop('/shop', '')
  const hosts = {
    localhost: { extensions: [extension] },
    'a.example': { extensions: [extension], url: 'https://b.example/' },
  }
  const { server, port } = await webServer(t, { hosts })
  const urlOf = (domain: string) => server.host(domain)?.extensions.api(extension)?.url()
  assert.equal(urlOf('localhost'), `http://localhost:${port}`)
  assert.equal(urlOf('a.example'), 'https://b.example')
})

test('on the server of an app Balcony answers what is its own and leaves the rest, `/` too, to the app', async (t) => {
  const hosts = { localhost: { extensions: [shop('/shop', 'balcony'), shop('/', 'balcony')] } }
  const { server } = await webServer(t, { hosts })
  const app = createServer((_request, response) => response.end('app'))
  t.after(() => app.close())
  const undo = await server.attach(app)
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  const { port } = app.address() as AddressInfo
  assert.equal((await ask(port, '/shop')).text, 'balcony')
  assert.equal((await ask(port, '/')).text, 'app')
  assert.equal((await ask(port, '/other')).text, 'app')
  assert.match(
    await exchange(
      port,
      'GET /other HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ),
    /^HTTP\/1\.1 404 /,
  )
  undo()
  assert.equal((await ask(port, '/shop')).text, 'app')
})
