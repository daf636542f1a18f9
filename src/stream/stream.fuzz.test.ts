// Anything at all, at every stage: the stream survives it or ends with a proper error, and nothing is left behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bindRequest, header, plain, type TestPeer, TestServer } from '../../test/stream-peer.ts'
import { streamErrorConditions } from './stream-error.ts'

const stages: Readonly<Record<string, (peer: TestPeer) => Promise<unknown>>> = {
  'at the beginning': async () => {},
  'after the header': (peer) => peer.exchange(header()),
  'within a SCRAM exchange': async (peer) => {
    await peer.exchange(header())
    const first = Buffer.from('n,,n=juliet,r=abc').toString('base64')
    await peer.exchange(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>${first}</auth>`,
    )
  },
  'after login': async (peer) => {
    await peer.exchange(header())
    await peer.exchange(plain('juliet', 'secret'))
  },
  'after the second header': async (peer) => {
    await peer.exchange(header())
    await peer.exchange(plain('juliet', 'secret'))
    await peer.exchange(header())
  },
  'with a resource': async (peer) => {
    await peer.exchange(header())
    await peer.exchange(plain('juliet', 'secret'))
    await peer.exchange(header())
    await peer.exchange(bindRequest())
  },
}

const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
const fragment = fc.oneof(
  fc.constantFrom(
    header(),
    header({ to: 'example.com' }),
    plain('juliet', 'wrong'),
    plain('juliet', 'secret'),
    plain('juliet', 'secret', 'romeo@localhost'),
    bindRequest(),
    bindRequest('x'),
    `<auth ${sasl} mechanism='SCRAM-SHA-256'/>`,
    `<response ${sasl}/>`,
    `<response ${sasl}>====</response>`,
    `<abort ${sasl}/>`,
    `<success ${sasl}/>`,
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
    "<iq type='get' id='s'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    '<message/>',
    '<presence/>',
    '<iq/>',
    '<x xmlns=""/>',
    '</stream:stream>',
    '<stream:features/>',
    '<stream:error/>',
    ' ',
    'text',
    '<',
    '<!-- -->',
    '<?pi?>',
    '&lol;',
    ']]>',
    '\u0000',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const input = fc.array(fc.oneof(fragment, fc.uint8Array({ maxLength: 16 })), { minLength: 1, maxLength: 6 })

const conditions = streamErrorConditions.join('|')
const ending = new RegExp(
  `^.*(<stream:error><(${conditions}) xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>(<text [^>]*>[^<]*</text>)?</stream:error>)?</stream:stream>$`,
  's',
)

for (const [stage, reach] of Object.entries(stages)) {
  test(`anything sent ${stage} is answered or ends the stream properly`, async () => {
    const server = await TestServer.make()
    await fc.assert(
      fc.asyncProperty(input, async (parts) => {
        const peer = server.connect()
        await reach(peer)
        await peer.settled()
        for (const part of parts) peer.send(part)
        // A check of a password takes real time.
        let received = await peer.settled()
        for (let turn = 0; turn < 40 && !peer.isClosed && peer.stream.state !== 'bound'; turn++)
          received += await peer.settled()
        if (peer.isClosed) assert.match(received, ending)
        else peer.transport.destroy()
        await peer.settled()
        assert.equal(peer.stream.state, 'closed')
      }),
      { seed: 6120, numRuns: 60 },
    )
    assert.equal(server.streams.size, 0)
    assert.ok(server.domain.users.every(({ endings }) => endings === 1))
    const bugs = server.log.entries.filter(({ level }) => level === 'error')
    assert.deepEqual(bugs, [])
  })
}
