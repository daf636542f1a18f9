import assert from 'node:assert/strict'
import test from 'node:test'
import { ask, webServer } from '../../../test/web.ts'
import { disco } from '../disco/disco.ts'
import { guests } from '../guests/guests.ts'
import { muc } from '../muc/muc.ts'
import { webChat } from './web-chat.ts'

const rooms = { 'rooms.localhost': { extensions: [disco, muc] } }

test('The page names the domain and where its rooms are', async (t) => {
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [disco, webChat] }, ...rooms } })
  const { status, headers, text } = await ask(port, '/')
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
  assert.match(text, /data-domain="localhost" data-rooms="rooms\.localhost" data-guests="no"/)
})

test('It says so where guests are let in', async (t) => {
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [disco, guests, webChat] } } })
  assert.match((await ask(port, '/')).text, /data-rooms="" data-guests="yes"/)
})

test('Its title is text, whatever is in it', async (t) => {
  const options = { webChat: { title: '<script>alert("1")</script>' } }
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [webChat], options } } })
  const { text } = await ask(port, '/')
  assert.match(text, /<title>&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;<\/title>/)
})

test('All it links to is there, and of this server', async (t) => {
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [webChat] } } })
  const { text } = await ask(port, '/')
  const links = [...text.matchAll(/(?:src|href)="([^"?]+)"/g)].map((match) => match[1] as string)
  assert.ok(links.length >= 5)
  for (const link of links) {
    assert.doesNotMatch(link, /:/)
    assert.equal((await ask(port, `/${link}`)).status, 200, link)
  }
})

test('A browser is told to load nothing from elsewhere', async (t) => {
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [webChat] } } })
  const policy = (await ask(port, '/')).headers['content-security-policy']
  assert.match(String(policy), /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/)
  assert.doesNotMatch(String(policy), /https?:(?!\/\/localhost)|\*/)
})

test('Files outside of its folders are not to be had, nor lists of what is in them', async (t) => {
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [webChat] } } })
  for (const path of [
    '/chat/../page.ts',
    '/chat/%2e%2e/page.ts',
    '/converse/..%2fpackage.json',
    '/converse/%2e%2e/package.json',
    '/converse//etc/passwd',
    '/chat/',
    '/converse/',
    '/page.ts',
  ]) {
    const { status } = await ask(port, path)
    assert.ok(status >= 400 && status < 500, `${path}: ${status}`)
  }
})

test('It can be at another path, to which addresses without the last slash lead', async (t) => {
  const options = { webChat: { path: '/chat-here' } }
  const { port } = await webServer(t, { hosts: { localhost: { extensions: [webChat], options } } })
  assert.equal((await ask(port, '/')).status, 404)
  const { status, headers } = await ask(port, '/chat-here')
  assert.equal(status, 302)
  assert.equal(headers.location, '/chat-here/')
  assert.equal((await ask(port, '/chat-here/')).status, 200)
  assert.equal((await ask(port, '/chat-here/chat/chat.js')).status, 200)
})
