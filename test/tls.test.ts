// TLS on a live port: what is not done any more (RFC 9325).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { jid } from '../src/jid/jid.ts'
import { createServer } from '../src/server/server.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import { RawClient } from './raw-client.ts'
import { authenticate, plainMessage } from './sasl2.ts'

const fixture = (name: string) => readFileSync(new URL(`./fixtures/tls/${name}`, import.meta.url), 'utf8')
const answered = /<(success|failure) [\s\S]*?<\/\1>/

async function start(t: TestContext): Promise<{ port: number }> {
  const server = createServer({ storage: sqlite(':memory:'), hosts: { localhost: { extensions: [] } } })
  t.after(() => server.close())
  await server.start()
  server.setTls('localhost', { key: fixture('localhost.key'), cert: fixture('localhost.crt') })
  await server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'secret')
  return server.listen({ kind: 'direct-tls', host: '127.0.0.1', port: 0 })
}

test('TLS as it should be (RFC 9325)', async (t) => {
  const { port } = await start(t)

  await t.test('§3.5: who wants another handshake on a connection that has had one is let go', async () => {
    const client = await RawClient.connectTls(t, port, { maxVersion: 'TLSv1.2' })
    await client.open()
    client.tls.renegotiate({}, () => {})
    await client.untilClosed()
  })

  const weak = [
    'AES128-SHA',
    'AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES128-SHA',
    'DHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES256-SHA384',
  ]
  for (const ciphers of weak) {
    await t.test(`§4.1: no connection with ${ciphers}`, async () => {
      await assert.rejects(RawClient.connectTls(t, port, { maxVersion: 'TLSv1.2', ciphers }))
    })
  }

  await t.test('§4.2: a connection with what is left', async () => {
    const ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256'
    const client = await RawClient.connectTls(t, port, { maxVersion: 'TLSv1.2', ciphers })
    assert.equal(client.tls.getCipher().name, ciphers)
  })
})
