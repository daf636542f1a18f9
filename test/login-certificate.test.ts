// Logging in over live TLS with a certificate (XEP-0178).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { RawClient } from './raw-client.ts'
import { authenticate, plainMessage } from './sasl2.ts'
import { answered, fixture, refused, startWithTls } from './tls-server.ts'

const certificate = (name: string): ConnectionOptions => ({
  key: fixture('clients/client.key'),
  cert: fixture(`clients/${name}.crt`),
})

test('EXTERNAL with certificates of clients (XEP-0178)', async (t) => {
  const { port } = await startWithTls(t)
  const shown = async (name: string) => {
    const client = await RawClient.connectTls(t, port, certificate(name))
    return { client, features: await client.open() }
  }
  const external = async (name: string, message = ''): Promise<string> => {
    const { client } = await shown(name)
    client.write(authenticate({ mechanism: 'EXTERNAL', message }))
    return client.until(answered)
  }
  const identifier = (local: string) => new RegExp(`<authorization-identifier>${local}@localhost<`)

  await t.test('§2: it is offered first to who shows a certificate that names an account', async () => {
    const { client, features } = await shown('juliet')
    assert.match(features, /<authentication [^>]*><mechanism>EXTERNAL<\/mechanism>/)
    assert.match(features, /<mechanisms [^>]*><mechanism>EXTERNAL<\/mechanism>/)
    client.write("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>")
    assert.match(await client.until(/<success[^>]*>/), /<success /)
  })

  await t.test('§2: one address, and no authzid or that one', async () => {
    assert.match(await external('juliet'), identifier('juliet'))
    assert.match(await external('juliet', 'juliet@localhost'), identifier('juliet'))
  })

  await t.test('§2: an authzid of somebody else is invalid', async () => {
    for (const other of [
      'nurse@localhost',
      'juliet@example.org',
      'juliet',
      'localhost',
      'juliet@localhost/x',
    ])
      assert.match(await external('juliet', other), refused('invalid-authzid'), other)
  })

  await t.test('§2: with several addresses it must be said which', async () => {
    assert.match(await external('two'), refused('invalid-authzid'))
    assert.match(await external('two', 'nurse@localhost'), identifier('nurse'))
  })

  await t.test('§2: without an address for XMPP that for mail will do', async () => {
    assert.match(await external('mail'), identifier('juliet'))
  })

  await t.test('an address without account is refused', async () => {
    assert.match(await external('gone'), refused('not-authorized'))
  })

  for (const name of ['stranger', 'elsewhere']) {
    await t.test(
      `who shows ${name === 'stranger' ? 'what nobody trusted has signed' : 'an account of another domain'} has other ways`,
      async () => {
        const { client, features } = await shown(name)
        assert.doesNotMatch(features, /EXTERNAL/)
        client.write(authenticate({ mechanism: 'EXTERNAL', message: '' }))
        assert.match(await client.until(answered), refused('invalid-mechanism'))
        client.write(authenticate({ mechanism: 'PLAIN', message: plainMessage('juliet', 'secret') }))
        assert.match(await client.until(answered), identifier('juliet'))
      },
    )
  }

  await t.test('who shows none is not offered it', async () => {
    const client = await RawClient.connectTls(t, port)
    assert.doesNotMatch(await client.open(), /EXTERNAL/)
  })
})
