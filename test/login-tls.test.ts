// Logging in over live TLS: what a log-in is bound to (RFC 5929, RFC 9266).
import assert from 'node:assert/strict'
import { createHash, type X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { header, RawClient } from './raw-client.ts'
import {
  authenticate,
  challengeIn,
  fast as fastElement,
  type HashName,
  phoneId,
  plainMessage,
  requestToken,
  response,
  ScramClient,
  tokenAnswer,
  tokenIn,
  tokenMessage,
} from './sasl2.ts'
import { answered, pairOf, refused, startWithTls } from './tls-server.ts'

/** What a client has of a type of channel binding. */
function bindingOf({ tls }: RawClient, type: string): Uint8Array {
  if (type === 'tls-exporter')
    return tls.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
  if (type === 'tls-unique') return tls.getFinished() as Buffer
  return createHash('sha256')
    .update((tls.getPeerX509Certificate() as X509Certificate).raw)
    .digest()
}

/** Logs in with SCRAM in SASL2; answers what came of it. */
async function scram(
  client: RawClient,
  {
    hash = 'sha256' as HashName,
    mechanism = 'SCRAM-SHA-256-PLUS',
    gs2 = 'n,,',
    binding = new Uint8Array() as Uint8Array,
  },
): Promise<string> {
  const exchange = new ScramClient({ hash, username: 'juliet', password: 'secret', gs2, binding })
  client.write(authenticate({ mechanism, message: exchange.first }))
  const challenge = await client.until(answered)
  if (!challenge.includes('<challenge')) return challenge
  client.write(response(exchange.final(challengeIn(challenge))))
  const answer = await client.until(answered)
  if (answer.includes('<success'))
    assert.ok(answer.includes(Buffer.from(exchange.serverFinal).toString('base64')))
  return answer
}

test('channel binding over TLS', async (t) => {
  const { server, port } = await startWithTls(t)
  const connected = async (more: ConnectionOptions = {}) => {
    const client = await RawClient.connectTls(t, port, more)
    return { client, features: await client.open() }
  }

  await t.test(
    'XEP-0440 §2: types of channel binding and the mechanisms that use them are offered',
    async () => {
      const { features } = await connected()
      assert.match(
        features,
        /<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'\/><channel-binding type='tls-server-end-point'\/><\/sasl-channel-binding>/,
      )
      for (const name of ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'])
        assert.equal(features.split(`<mechanism>${name}</mechanism>`).length, 3, `${name}, in both profiles`)
      for (const end of ['EXPR', 'ENDP', 'NONE']) assert.ok(features.includes(`HT-SHA-256-${end}`))
    },
  )

  await t.test('RFC 9266 §4.2: tls-exporter is for TLS 1.3 alone', async () => {
    const { features } = await connected({ maxVersion: 'TLSv1.2' })
    assert.doesNotMatch(features, /tls-exporter|HT-SHA-256-EXPR/)
    assert.match(features, /tls-server-end-point/)
  })

  for (const type of ['tls-exporter', 'tls-server-end-point', 'tls-unique']) {
    await t.test(`RFC 5802 §6: SCRAM-PLUS with ${type} logs in`, async () => {
      const { client } = await connected()
      const binding = bindingOf(client, type)
      assert.match(await scram(client, { gs2: `p=${type},,`, binding }), /<success /)
    })

    await t.test(`RFC 5802 §6: SCRAM-PLUS with the ${type} of another connection is refused`, async () => {
      const { client } = await connected()
      const other =
        type === 'tls-server-end-point' ? { servername: 'example.org', rejectUnauthorized: false } : {}
      const { tls } = await RawClient.connectTls(t, port, other)
      const binding = bindingOf({ tls } as RawClient, type)
      assert.match(await scram(client, { gs2: `p=${type},,`, binding }), refused('not-authorized'))
    })
  }

  await t.test('RFC 5929 §3: tls-unique with TLS 1.2, for clients that know nothing else', async () => {
    const { client } = await connected({ maxVersion: 'TLSv1.2' })
    assert.match(
      await scram(client, { gs2: 'p=tls-unique,,', binding: bindingOf(client, 'tls-unique') }),
      /<success /,
    )
  })

  const wrong: Readonly<Record<string, [mechanism: string, gs2: string, condition: string]>> = {
    'y, for -PLUS was offered (somebody took it out of the list)': ['SCRAM-SHA-256', 'y,,', 'not-authorized'],
    'a type that does not exist': ['SCRAM-SHA-256-PLUS', 'p=tls-nothing,,', 'not-authorized'],
    'no binding, in the mechanism with it': ['SCRAM-SHA-256-PLUS', 'n,,', 'malformed-request'],
    'a binding, in the mechanism without it': ['SCRAM-SHA-256', 'p=tls-exporter,,', 'malformed-request'],
  }
  for (const [what, [mechanism, gs2, condition]] of Object.entries(wrong)) {
    await t.test(`RFC 5802 §6: refused: ${what}`, async () => {
      const { client } = await connected()
      assert.match(await scram(client, { mechanism, gs2 }), refused(condition))
    })
  }

  await t.test('RFC 5802 §6: a client that cannot bind logs in without', async () => {
    const { client } = await connected()
    assert.match(await scram(client, { mechanism: 'SCRAM-SHA-256', gs2: 'n,,' }), /<success /)
  })

  for (const [end, type] of [
    ['EXPR', 'tls-exporter'],
    ['ENDP', 'tls-server-end-point'],
  ] as const) {
    await t.test(`XEP-0484 §3.4: HT-SHA-256-${end} is bound to the connection`, async () => {
      const mechanism = `HT-SHA-256-${end}`
      const { client } = await connected()
      const message = plainMessage('juliet', 'secret')
      client.write(
        authenticate({ mechanism: 'PLAIN', message, agent: phoneId, more: requestToken(mechanism) }),
      )
      const token = tokenIn(await client.until(answered))?.token ?? ''
      const { client: back } = await connected()
      const binding = bindingOf(back, type)
      const shown = tokenMessage('juliet', token, binding)
      const begin = authenticate({ mechanism, message: shown, agent: phoneId, more: fastElement() })
      back.write(begin)
      const success = await back.until(answered)
      assert.match(success, /<success /)
      assert.ok(success.includes(tokenAnswer(token, binding)))
      // What was overheard, or unbound: on another connection it is worth nothing.
      const { client: thief } = await connected()
      if (end === 'EXPR') {
        thief.write(begin)
        assert.match(await thief.until(answered), refused('not-authorized'))
      }
      const unbound = tokenMessage('juliet', token)
      for (const name of [mechanism, 'HT-SHA-256-NONE']) {
        thief.write(authenticate({ mechanism: name, message: unbound, agent: phoneId, more: fastElement() }))
        assert.match(await thief.until(answered), refused('not-authorized'), name)
      }
    })
  }

  await t.test(
    'a client that comes back is online after one round trip behind the handshake of TLS',
    async () => {
      const mechanism = 'HT-SHA-256-EXPR'
      const { client } = await connected()
      const bind = "<bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>"
      const message = plainMessage('juliet', 'secret')
      const more = bind + requestToken(mechanism)
      client.write(authenticate({ mechanism: 'PLAIN', message, agent: phoneId, more }))
      const first = await client.until(answered)
      const previd = / id='([^']+)' resume='true'/.exec(first)?.[1]
      client.destroy()

      const back = await RawClient.connectTls(t, port)
      let flights = 0
      const flight = (bytes: string) => {
        flights += 1
        back.write(bytes)
      }
      const shown = tokenMessage('juliet', tokenIn(first)?.token ?? '', bindingOf(back, 'tls-exporter'))
      const resume = `<resume xmlns='urn:xmpp:sm:3' previd='${previd}' h='0'/>`
      const login = authenticate({
        mechanism,
        message: shown,
        agent: phoneId,
        more: fastElement() + resume + bind,
      })
      flight(header({ more: " from='juliet@localhost'" }) + login)
      assert.match(await back.until(/<success [\s\S]*<\/success>/), /<resumed /)
      assert.equal(flights, 1)
      assert.match(await back.request('get', "<ping xmlns='urn:xmpp:ping'/>"), /type='result'/)
    },
  )

  await t.test(
    'a certificate is replaced: who is connected stays, and their channel bindings too',
    async () => {
      const { client } = await connected()
      const binding = bindingOf(client, 'tls-server-end-point')
      server.setTls('localhost', pairOf('example.org'))
      t.after(() => server.setTls('localhost', pairOf('localhost')))
      assert.match(await scram(client, { gs2: 'p=tls-server-end-point,,', binding }), /<success /)
      const { client: later } = await connected({ rejectUnauthorized: false })
      const other = bindingOf(later, 'tls-server-end-point')
      assert.notDeepEqual(other, binding)
      assert.match(await scram(later, { gs2: 'p=tls-server-end-point,,', binding: other }), /<success /)
      server.setTls('localhost', pairOf('localhost'))
    },
  )
})
