// Logging in as somebody else, or not at all, where streams come over HTTP (RFC 7395, XEP-0206).
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { clientAccess } from '../src/extensions/client-access/client-access.ts'
import { fast } from '../src/extensions/fast/fast.ts'
import { BoshClient } from './bosh-client.ts'
import { serverWithPeople } from './bosh-server.ts'
import { auth, bindRequest, plain } from './raw-client.ts'
import { authenticate, phoneId, plainMessage, tokenMessage } from './sasl2.ts'
import { open, WebSocketClient } from './web-socket-client.ts'

/** Sends one thing on a new stream; answers all that comes for it. */
type Attempt = (sent: string) => Promise<string>

const overWebSocket =
  (t: TestContext, port: number): Attempt =>
  async (sent) => {
    const client = await WebSocketClient.connect(t, port)
    client.send(open())
    await client.next()
    await client.next()
    client.send(sent)
    return client.next()
  }

const overBosh =
  (_t: TestContext, port: number): Attempt =>
  async (sent) => {
    const client = new BoshClient(port)
    await client.open()
    return (await client.send(sent)).text
  }

const inSasl2 = (mechanism: string, message: string | Uint8Array, more = '') =>
  authenticate({ mechanism, message, agent: phoneId, more })
const withNamespace = (stanza: string) => stanza.replace(/^<(\w+)/, "<$1 xmlns='jabber:client'")

const attempts: readonly (readonly [what: string, sent: string, condition: string])[] = [
  ['the authzid of another', plain('juliet', 'secret', 'romeo@localhost'), 'invalid-authzid'],
  [
    'the same with SASL2',
    inSasl2('PLAIN', plainMessage('juliet', 'secret', 'romeo@localhost')),
    'invalid-authzid',
  ],
  ['the same with SCRAM', auth('SCRAM-SHA-256', 'n,a=romeo@localhost,n=juliet,r=x'), 'invalid-authzid'],
  ['a wrong password', plain('juliet', 'wrong'), 'not-authorized'],
  [
    'channel binding where there is none',
    auth('SCRAM-SHA-256-PLUS', 'p=tls-exporter,,n=juliet,r=x'),
    'invalid-mechanism',
  ],
  ['a certificate that was not shown', auth('EXTERNAL', 'juliet@localhost'), 'invalid-mechanism'],
  ['a guest’s name where none are wanted', auth('ANONYMOUS', ''), 'invalid-mechanism'],
  ['a token for a password', auth('HT-SHA-256-NONE', 'x'), 'invalid-mechanism'],
  ['a token without saying so', inSasl2('HT-SHA-256-NONE', tokenMessage('juliet', 'x')), 'invalid-mechanism'],
  [
    'a token that was never given',
    inSasl2('HT-SHA-256-NONE', tokenMessage('juliet', 'x'), "<fast xmlns='urn:xmpp:fast:0'/>"),
    'not-authorized',
  ],
  ['a resource before logging in', withNamespace(bindRequest('x')), 'not-authorized'],
  ['a message before logging in', withNamespace("<message to='romeo@localhost'/>"), 'not-authorized'],
  ['a session of before', "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>", 'unsupported-stanza-type'],
]

for (const [transport, connect] of Object.entries({ WebSocket: overWebSocket, BOSH: overBosh })) {
  test(`hostile log-in over ${transport}`, async (t) => {
    const { port, server } = await serverWithPeople(t, {
      hosts: { localhost: { extensions: [clientAccess, fast] } },
    })
    const attempt = connect(t, port)
    for (const [what, sent, condition] of attempts)
      assert.match(await attempt(sent), new RegExp(`<${condition}[ /]`), what)
    for (const name of ['juliet', 'romeo'])
      assert.equal(server.host('localhost')?.loaded.get(name)?.sessionsByResource.size ?? 0, 0)
    assert.match(await attempt(plain('juliet', 'secret')), /<success/)
  })
}
