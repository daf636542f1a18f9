import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type ConnectionOptions, connect, type PeerCertificate } from 'node:tls'
import { webServer } from '../../test/web.ts'
import { defaultHttpLimits } from './settings.ts'

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url))
const pair = (name: string) => ({ key: fixture(`${name}.key`), cert: fixture(`${name}.crt`) })

async function secureServer(t: TestContext, headersMs = 5_000) {
  const hosts = { localhost: { extensions: [] }, 'example.org': { extensions: [] } }
  const { server } = await webServer(t, { hosts, web: { limits: { ...defaultHttpLimits, headersMs } } })
  server.setTls('localhost', pair('localhost'))
  const { port } = await server.listen({ kind: 'https', host: '127.0.0.1', port: 0 })
  return { server, port }
}

/** The name in the certificate that is shown, and what was agreed. */
async function handshake(port: number, options: ConnectionOptions) {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate() as PeerCertificate
  const { alpnProtocol } = socket
  return { socket, name: subject.CN, alpnProtocol }
}

test('the certificate is that of the domain that is asked for, or the first (RFC 6066 §3)', async (t) => {
  const { server, port } = await secureServer(t)
  server.setTls('example.org', pair('example.org'))
  for (const [servername, name] of [
    ['example.org', 'example.org'],
    ['localhost', 'localhost'],
    ['elsewhere.example', 'localhost'],
    [undefined, 'localhost'],
  ]) {
    const shown = await handshake(port, servername === undefined ? {} : { servername })
    assert.equal(shown.name, name)
    shown.socket.destroy()
  }
})

test('a new certificate is shown from then on, and who is connected stays so', async (t) => {
  const { server, port } = await secureServer(t)
  const before = await handshake(port, { servername: 'localhost', ALPNProtocols: ['h2', 'http/1.1'] })
  assert.deepEqual([before.name, before.alpnProtocol], ['localhost', 'http/1.1'])
  server.setTls('localhost', pair('example.org'))
  const after = await handshake(port, { servername: 'localhost' })
  assert.equal(after.name, 'example.org')
  before.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.match(String((await once(before.socket, 'data'))[0]), /^HTTP\/1\.1 404 /)
  after.socket.destroy()
})

test('nothing below TLS 1.2 is spoken, and renegotiation is off (RFC 9325 §3.1.1)', async (t) => {
  const { port } = await secureServer(t)
  await assert.rejects(
    handshake(port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }),
  )
  const { socket } = await handshake(port, { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' })
  const refused = new Promise((resolve) => socket.once('error', resolve).once('close', resolve))
  socket.renegotiate({}, () => {})
  await refused
})

test('who does not finish the handshake, or speaks no TLS, is let go', async (t) => {
  const { port } = await secureServer(t, 100)
  const silent = connectTcp(port, '127.0.0.1')
  await once(silent.resume(), 'close')
  const plain = connectTcp(port, '127.0.0.1').on('error', () => {})
  plain.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(plain.resume(), 'close')
})

test('HTTPS is not begun without a certificate', async (t) => {
  const { server } = await webServer(t)
  await assert.rejects(server.listen({ kind: 'https', host: '127.0.0.1', port: 0 }), /needs a certificate/)
})
