// Logging in as somebody else, in the clear, or just to see what happens, against a live port (RFC 6120 §5, §6, §7).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bystander, HostileTarget, streamErrorOf } from './hostile-target.ts'
import { auth, bindRequest, header, plain, RawClient } from './raw-client.ts'

const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
const ping = "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"

/** An open stream, without TLS. */
async function opened(target: HostileTarget): Promise<RawClient> {
  const client = await target.connect()
  await client.open()
  return client
}

/** The condition of the SASL failure that comes of `sent`. */
async function failureOf(client: RawClient, sent: string): Promise<string> {
  client.write(sent)
  const answer = await client.until(/<failure[^>]*><([a-z-]+)\/><\/failure>|<success[^>]*>|<\/stream:stream>/)
  return /<failure[^>]*><([a-z-]+)\/>/.exec(answer)?.[1] ?? answer
}

test('hostile log-in', async (t) => {
  const target = await HostileTarget.start(t)
  const bystander = await Bystander.login(target)

  await t.test(
    'what is sent in the clear behind <starttls/> does not count under TLS (RFC 6120 §5.4.3.3)',
    async () => {
      const client = await opened(target)
      await client.startTls(`${header()}${plain('juliet', 'balcony')}${bindRequest('injected')}`)
      const features = await client.open()
      assert.match(features, /<mechanisms/)
      assert.doesNotMatch(features, /<success|xmpp-bind/)
      await client.logIn({ user: 'juliet', password: 'balcony' })
      // RFC 6120 §5.4.2.1: not twice.
      client.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
      assert.equal(await streamErrorOf(client), 'unsupported-stanza-type')

      const garbled = await opened(target)
      garbled.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
      await garbled.until(/<proceed[^>]*>/)
      garbled.write(`${header()}${plain('juliet', 'balcony')}`)
      assert.doesNotMatch(await garbled.untilClosed(), /<success|<stream/)
    },
  )

  await t.test(
    'where TLS is required nothing goes without, least of all a password (RFC 7590 §3.2)',
    async (t) => {
      const strict = await HostileTarget.start(t, {
        'login.requireTls': true,
        'login.plainWithoutTls': false,
      })
      for (const attempt of [
        plain('juliet', 'balcony'),
        auth('SCRAM-SHA-1', 'n,,n=juliet,r=x'),
        bindRequest('x'),
      ]) {
        const client = await strict.connect()
        const features = await client.open()
        assert.match(features, /<starttls[^>]*><required\/><\/starttls>/)
        assert.doesNotMatch(features, /<mechanisms/)
        client.write(attempt)
        assert.match(
          await streamErrorOf(client),
          /^(policy-violation|not-authorized|unsupported-stanza-type)$/,
        )
      }
      const secure = await RawClient.connectTls(t, strict.tlsPort)
      await secure.open()
      await secure.logIn({ user: 'juliet', password: 'balcony' })
    },
  )

  await t.test(
    'PLAIN is not taken without TLS where that is not switched on: encryption-required (RFC 6120 §6.5.4)',
    async (t) => {
      const strict = await HostileTarget.start(t, { 'login.plainWithoutTls': false })
      assert.equal(await failureOf(await opened(strict), plain('juliet', 'balcony')), 'encryption-required')
    },
  )

  await t.test('nobody acts as anybody else, and what is no log-in is told why (RFC 6120 §6.5)', async () => {
    const element = (mechanism: string, text: string) =>
      `<auth ${sasl} mechanism='${mechanism}'>${text}</auth>`
    const nul = (...parts: string[]) => auth('PLAIN', parts.join('\0'))
    const cases: readonly (readonly [string, string])[] = [
      [plain('juliet', 'balcony', 'romeo@localhost'), 'invalid-authzid'],
      [plain('juliet', 'balcony', 'juliet@localhost/x'), 'invalid-authzid'],
      [plain('juliet', 'balcony', 'localhost'), 'invalid-authzid'],
      [auth('SCRAM-SHA-256', 'n,a=romeo@localhost,n=juliet,r=nonce'), 'invalid-authzid'],
      [plain('juliet', 'orchard'), 'not-authorized'],
      [plain('nobody', 'balcony'), 'not-authorized'],
      [plain('juliet@localhost', 'balcony'), 'not-authorized'],
      [plain('juliet/x', 'balcony'), 'not-authorized'],
      [plain('__proto__', 'x'), 'not-authorized'],
      [plain('constructor', 'x'), 'not-authorized'],
      [plain("' OR '1'='1", "' OR '1'='1"), 'not-authorized'],
      [plain('../juliet', 'balcony'), 'not-authorized'],
      [plain('juliet', 'x'.repeat(2000)), 'not-authorized'],
      [nul('', 'juliet'), 'malformed-request'],
      [nul('', 'juliet', ''), 'malformed-request'],
      [nul('', '', 'balcony'), 'malformed-request'],
      [nul('', 'juliet', 'balcony', 'more'), 'malformed-request'],
      [nul('juliet'), 'malformed-request'],
      [element('PLAIN', '!!!!'), 'incorrect-encoding'],
      [element('PLAIN', 'AGE'), 'incorrect-encoding'],
      [element('PLAIN', 'AGEAYg==AGEAYg=='), 'incorrect-encoding'],
      [element('PLAIN', Buffer.of(0, 0xff, 0, 0xfe).toString('base64')), 'malformed-request'],
      [element('DIGEST-MD5', ''), 'invalid-mechanism'],
      [element('ANONYMOUS', ''), 'invalid-mechanism'],
      [element('EXTERNAL', '='), 'invalid-mechanism'],
      [element('SCRAM-SHA-256-PLUS', '='), 'invalid-mechanism'],
      [element('__proto__', '='), 'invalid-mechanism'],
      [element('constructor', '='), 'invalid-mechanism'],
      [element('plain', '='), 'invalid-mechanism'],
      [`<auth ${sasl}/>`, 'invalid-mechanism'],
      [`<response ${sasl}>AAAA</response>`, 'malformed-request'],
      [`<abort ${sasl}/>`, 'aborted'],
      ...[
        '',
        'x',
        'n,,',
        'n,,n=juliet',
        'n,,r=nonce',
        'n,,r=nonce,n=juliet',
        'n,,m=ext,n=juliet,r=nonce',
      ].map((first) => [auth('SCRAM-SHA-1', first), 'malformed-request'] as const),
    ]
    const answers = await Promise.all(cases.map(async ([sent]) => failureOf(await opened(target), sent)))
    assert.deepEqual(
      cases.map(([sent], index) => [sent, answers[index]]),
      cases,
    )
  })

  await t.test('SCRAM: a changed nonce, a wrong proof, a proof too many (RFC 5802 §5.1)', async () => {
    const challenge = async (client: RawClient, name = 'juliet') => {
      client.write(auth('SCRAM-SHA-256', `n,,n=${name},r=nonce`))
      const text = await client.until(/<challenge[^>]*>[^<]*<\/challenge>/)
      return Buffer.from(/>([^<>]*)<\/challenge>/.exec(text)?.[1] ?? '', 'base64').toString()
    }
    const proof = Buffer.alloc(32).toString('base64')
    const finals = (nonce: string) => [
      `c=biws,r=${nonce},p=${proof}`,
      `c=biws,r=nonce,p=${proof}`,
      `c=eSws,r=${nonce},p=${proof}`,
      `c=biws,r=${nonce}`,
      `c=biws,r=${nonce},p=AAAA`,
      'e=no',
      '',
    ]
    for (let index = 0; index < finals('').length; index++) {
      const client = await opened(target)
      const nonce = /^r=([^,]+)/.exec(await challenge(client))?.[1] ?? ''
      assert.match(nonce, /^nonce.{16,}/)
      const final = Buffer.from(finals(nonce)[index] as string).toString('base64') || '='
      const condition = await failureOf(client, `<response ${sasl}>${final}</response>`)
      assert.match(condition, /^(not-authorized|malformed-request)$/)
      // What is over is over.
      assert.equal(await failureOf(client, `<response ${sasl}>${final}</response>`), 'malformed-request')
    }
    // RFC 5802 §9: who does not exist looks like anybody, each time the same.
    const withoutNonce = (text: string) => text.replace(/^r=[^,]+/, '')
    const [unknown, again, other] = [
      await challenge(await opened(target), 'nobody'),
      await challenge(await opened(target), 'nobody'),
      await challenge(await opened(target), 'somebody'),
    ].map(withoutNonce)
    assert.equal(unknown, again)
    assert.notEqual(unknown, other)
    const known = withoutNonce(await challenge(await opened(target), 'juliet'))
    const shape = (text = '') => text.replace(/s=[^,]*/, (salt) => `s:${salt.length}`)
    assert.equal(shape(unknown), shape(known))
  })

  await t.test('guessing passwords ends the stream after a few (RFC 6120 §6.4.5)', async () => {
    const client = await opened(target)
    for (const guess of ['a', 'b', 'c']) {
      assert.equal(await failureOf(client, plain('juliet', guess)), 'not-authorized')
    }
    client.write(`${plain('juliet', 'd')}${plain('juliet', 'balcony')}`)
    const rest = await client.untilClosed()
    assert.match(rest, /<policy-violation/)
    assert.doesNotMatch(rest, /<success/)

    const huge = await opened(target)
    huge.write(`<auth ${sasl} mechanism='PLAIN'>${'A'.repeat(20_000)}</auth>`)
    assert.equal(await streamErrorOf(huge), 'policy-violation')
  })

  await t.test('steps out of order, and a stream that changes its mind', async () => {
    const inOrder = async (...sent: readonly string[]) => {
      const client = await opened(target)
      client.write(sent.join(''))
      return streamErrorOf(client)
    }
    const logIn = plain('juliet', 'balcony')
    for (const [sent, condition] of [
      [[ping], 'not-authorized'],
      [["<message to='romeo@localhost'><body>hi</body></message>"], 'not-authorized'],
      [[bindRequest('x')], 'not-authorized'],
      [['<presence/>'], 'not-authorized'],
      [["<r xmlns='urn:xmpp:sm:3'/>"], 'policy-violation'],
      [["<handshake xmlns='jabber:component:accept'/>"], 'unsupported-stanza-type'],
      [["<__proto__ xmlns='constructor'/>"], 'unsupported-stanza-type'],
      [[logIn, header(), ping], 'not-authorized'],
      [[logIn, header(), logIn], 'unsupported-stanza-type'],
      [[logIn, header({ to: 'example.org' })], 'host-unknown'],
      [[logIn, header({ more: " from='romeo@localhost'" })], 'invalid-from'],
      [[logIn, header(), bindRequest('x'), "<message from='romeo@localhost'/>"], 'invalid-from'],
      [[logIn, header(), bindRequest('x'), "<message from='localhost'/>"], 'invalid-from'],
      [[logIn, header(), bindRequest('x'), "<a xmlns='urn:x'/>"], 'unsupported-stanza-type'],
      [[logIn, header(), bindRequest('x'), "<message xmlns='jabber:server'/>"], 'unsupported-stanza-type'],
      [
        [logIn, header(), bindRequest('x'), "<error xmlns='http://etherx.jabber.org/streams'/>"],
        'unsupported-stanza-type',
      ],
    ] as const) {
      assert.equal(await inOrder(...sent), condition, sent.join(''))
    }
  })

  await t.test(
    'resources that are strange are bound as they are, or refused; nobody breaks out of them (RFC 7622 §3.4)',
    async () => {
      for (const [resource, jid] of [
        ['__proto__', 'juliet@localhost/__proto__'],
        ['constructor', 'juliet@localhost/constructor'],
        ['&apos;/&gt;&lt;message/&gt;', undefined],
        ['a/b@c', 'juliet@localhost/a/b@c'],
        ["' OR 1=1; --", undefined],
      ] as const) {
        const client = await opened(target)
        await client.logIn({ user: 'juliet', password: 'balcony', resource })
        const bound = client.taken
        if (jid !== undefined) assert.match(bound, new RegExp(`<jid>${jid}</jid>`))
        assert.doesNotMatch(bound, /<message/)
        const own = /<jid>([^<]*)<\/jid>/.exec(bound)?.[1] ?? ''
        client.write(`<message to='${own.replaceAll("'", '&apos;')}' type='chat'><body>me</body></message>`)
        await client.until('<body>me</body>')
      }
      for (const resource of ['&#x7;', 'x'.repeat(1024), '&#xFDD0;']) {
        const client = await opened(target)
        client.write(plain('juliet', 'balcony'))
        await client.until(/<success[^>]*>/)
        await client.open()
        client.write(bindRequest(resource))
        assert.match(
          await client.until(/<\/iq>|<\/stream:stream>/),
          /<bad-request|<not-well-formed/,
          resource,
        )
      }
    },
  )

  await bystander.wasServed()
  target.assertNoBugs()
})
