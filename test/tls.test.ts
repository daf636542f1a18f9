// TLS on a live port: what is not done any more (RFC 9325).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RawClient } from './raw-client.ts'
import { startWithTls } from './tls-server.ts'

test('TLS as it should be (RFC 9325)', async (t) => {
  const { port } = await startWithTls(t)

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
