import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ask, webServer } from '../../test/web.ts'

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url))

test('host-meta says where WebSocket and BOSH are, as XRD and as JRD, to pages from everywhere (XEP-0156 §3)', async (t) => {
  const hosts = { 'example.org': { extensions: [], url: 'https://chat.example.org' } }
  const { port } = await webServer(t, { hosts })
  const headers = { host: 'example.org' }
  const xrd = await ask(port, '/.well-known/host-meta', { headers })
  assert.equal(xrd.headers['content-type'], 'application/xrd+xml; charset=utf-8')
  assert.equal(xrd.headers['access-control-allow-origin'], '*')
  assert.equal(
    xrd.text,
    "<?xml version='1.0' encoding='utf-8'?><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>" +
      "<Link rel='urn:xmpp:alt-connections:websocket' href='wss://chat.example.org/xmpp-websocket'/>" +
      "<Link rel='urn:xmpp:alt-connections:xbosh' href='https://chat.example.org/http-bind'/></XRD>",
  )
  const jrd = await ask(port, '/.well-known/host-meta.json', { headers })
  assert.equal(jrd.headers['access-control-allow-origin'], '*')
  assert.deepEqual(JSON.parse(jrd.text), {
    links: [
      { rel: 'urn:xmpp:alt-connections:websocket', href: 'wss://chat.example.org/xmpp-websocket' },
      { rel: 'urn:xmpp:alt-connections:xbosh', href: 'https://chat.example.org/http-bind' },
    ],
  })
  assert.equal((await ask(port, '/.well-known/host-meta', { method: 'POST', headers })).status, 405)
  assert.equal((await ask(port, '/.well-known/', { headers })).status, 404)
})

test('each domain has its own; what is switched off is not told', async (t) => {
  const hosts = {
    'one.example': { extensions: [], url: 'https://one.example' },
    'two.example': { extensions: [], url: 'https://two.example:8443' },
  }
  const { port } = await webServer(t, { hosts, web: { bosh: false, websocket: '/ws' } })
  const links = async (host: string) =>
    JSON.parse((await ask(port, '/.well-known/host-meta.json', { headers: { host } })).text).links
  const linkTo = (href: string) => [{ rel: 'urn:xmpp:alt-connections:websocket', href }]
  assert.deepEqual(await links('one.example'), linkTo('wss://one.example/ws'))
  assert.deepEqual(await links('two.example'), linkTo('wss://two.example:8443/ws'))
  assert.deepEqual(await links('127.0.0.1'), linkTo('wss://one.example/ws'))
})

test('a domain that is reached in clear only tells nothing, but for localhost (XEP-0156 §3.2)', async (t) => {
  const hosts = { 'example.org': { extensions: [] }, localhost: { extensions: [] } }
  const { port } = await webServer(t, { hosts })
  const asked = (host: string) => ask(port, '/.well-known/host-meta.json', { headers: { host } })
  assert.equal((await asked('example.org')).status, 404)
  assert.match((await asked('localhost')).text, new RegExp(`ws://localhost:${port}/xmpp-websocket`))
})

test('with the addresses of the server it says all that is needed to connect (XEP-0487 §2.1)', async (t) => {
  const hosts = { 'example.org': { extensions: [] } }
  const { server, port } = await webServer(t, { hosts, web: { addresses: ['192.0.2.1', '2001:db8::1'] } })
  server.setTls('example.org', { key: fixture('example.org.key'), cert: fixture('example.org.crt') })
  const secure = await server.listen({ kind: 'https', host: '127.0.0.1', port: 0 })
  const direct = await server.listen({ kind: 'direct-tls', host: '127.0.0.1', port: 0 })
  const { text } = await ask(port, '/.well-known/host-meta.json', { headers: { host: 'example.org' } })
  const common = { ips: ['192.0.2.1', '2001:db8::1'], weight: 50, sni: 'example.org' }
  assert.deepEqual(JSON.parse(text), {
    xmpp: { ttl: 3600 },
    links: [
      {
        rel: 'urn:xmpp:alt-connections:websocket',
        href: `wss://example.org:${secure.port}/xmpp-websocket`,
        priority: 10,
        ...common,
      },
      {
        rel: 'urn:xmpp:alt-connections:xbosh',
        href: `https://example.org:${secure.port}/http-bind`,
        priority: 20,
        ...common,
      },
      { rel: 'urn:xmpp:alt-connections:tls', port: direct.port, priority: 30, ...common },
    ],
  })
})
