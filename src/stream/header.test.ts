import assert from 'node:assert/strict'
import { test } from 'node:test'
import { header, plain, TestDomain, TestServer } from '../../test/stream-peer.ts'

async function answerTo(text: string | Uint8Array): Promise<string> {
  const server = await TestServer.make()
  return server.connect().exchange(text)
}

test('RFC 6120 §4.7: the answer has id, from, to, version and language', async () => {
  const answer = await answerTo(header({ more: " from='juliet@localhost' xml:lang='fr'" }))
  assert.match(
    answer,
    /^<\?xml version='1\.0'\?><stream:stream xmlns='jabber:client' xmlns:stream='http:\/\/etherx\.jabber\.org\/streams' id='id-1' from='localhost' to='juliet@localhost' version='1\.0' xml:lang='en'><stream:features>/,
  )
})

test('RFC 6120 §4.7.1: no `to` in answer to a header without `from`', async () => {
  assert.doesNotMatch(await answerTo(header()), / to='/)
})

test('RFC 6120 §4.7.4: the language of the header is that of the stream', async () => {
  const peer = (await TestServer.make()).connect()
  await peer.exchange(header({ more: " xml:lang='fr'" }))
  assert.equal(peer.stream.lang, 'fr')
})

test('RFC 6120 §4.8.5: any prefix, and a content namespace that is no default, will do', async () => {
  const streams = 'http://etherx.jabber.org/streams'
  assert.match(
    await answerTo(`<s:stream xmlns:s='${streams}' xmlns='jabber:client' to='localhost' version='1.0'>`),
    /features/,
  )
  assert.match(await answerTo(`<s:stream xmlns:s='${streams}' to='localhost' version='1.0'>`), /features/)
  assert.match(
    await answerTo(`<stream xmlns='${streams}' to='localhost' version='1.0'>`),
    /<invalid-namespace /,
  )
})

test('RFC 6120 §4.7.5: a higher version is answered with 1.0', async () => {
  assert.match(
    await answerTo(header().replace(" version='1.0' xmlns", " version='11.3' xmlns")),
    / version='1\.0'.*features/,
  )
})

const refused: readonly [clause: string, text: string | Uint8Array, condition: string][] = [
  ['§4.9.3.25 no version', header().replace(" version='1.0' xmlns", ' xmlns'), 'unsupported-version'],
  [
    '§4.9.3.25 version 0.9',
    header().replace(" version='1.0' xmlns", " version='0.9' xmlns"),
    'unsupported-version',
  ],
  [
    '§4.9.3.25 no number',
    header().replace(" version='1.0' xmlns", " version='one' xmlns"),
    'unsupported-version',
  ],
  ['§4.9.3.6 a domain that is not served', header({ to: 'example.com' }), 'host-unknown'],
  ['§4.9.3.7 no `to`', header().replace("to='localhost'", ''), 'improper-addressing'],
  ['§4.9.3.7 `to` that is no address', header({ to: 'a b c' }), 'improper-addressing'],
  ['§4.9.3.7 `to` with a localpart', header({ to: 'juliet@localhost' }), 'improper-addressing'],
  ['§4.9.3.7 `to` with a resource', header({ to: 'localhost/balcony' }), 'improper-addressing'],
  ['§4.9.3.9 `from` that is no address', header({ more: " from='@'" }), 'invalid-from'],
  [
    '§4.9.3.10 another stream namespace',
    header().replace('etherx.jabber.org/streams', 'wrong'),
    'invalid-namespace',
  ],
  [
    '§4.9.3.10 another content namespace',
    header().replace('jabber:client', 'jabber:server'),
    'invalid-namespace',
  ],
  ['§4.9.3.1 another root', header().replace('stream:stream', 'stream:flow'), 'bad-format'],
  ['§4.9.3.13 no XML', 'GET / HTTP/1.1\r\n', 'not-well-formed|bad-format'],
  ['§4.9.3.18 a DTD', "<!DOCTYPE a [<!ENTITY b 'c'>]>", 'restricted-xml'],
  ['§4.9.3.22 another encoding', "<?xml version='1.0' encoding='ISO-8859-1'?>", 'unsupported-encoding'],
  ['§4.9.3.14 a header without end', header({ more: ` a='${'x'.repeat(20_000)}'` }), 'policy-violation'],
  ['§4.9.3.13 no UTF-8', Buffer.from([0x3c, 0xff, 0xfe, 0x3e]), 'not-well-formed|bad-format'],
]

for (const [clause, text, condition] of refused) {
  test(`RFC 6120 ${clause}: ${condition}, behind a header (§4.9.1.2)`, async () => {
    const server = await TestServer.make()
    const peer = server.connect()
    const answer = await peer.exchange(text)
    assert.match(answer, /^<\?xml version='1\.0'\?><stream:stream [^>]* id='id-1'[^>]*>/)
    assert.match(
      answer,
      new RegExp(`<stream:error><(${condition}) xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>`),
    )
    assert.match(answer, /<\/stream:error><\/stream:stream>$/)
    await peer.settled()
    assert.ok(peer.isClosed)
    assert.equal(server.streams.size, 0)
  })
}

test('RFC 6120 §4.9.3.6: the domain that is not served stands in the `from` of the answer', async () => {
  assert.match(await answerTo(header({ to: 'example.com' })), /<stream:stream [^>]*from='example\.com'/)
})

test('the `to` of a stream does not change over restarts', async () => {
  const server = await TestServer.make()
  server.domains.set('example.org', new TestDomain('example.org'))
  const peer = server.connect()
  await peer.exchange(header())
  await peer.exchange(plain('juliet', 'secret'))
  assert.match(await peer.exchange(header({ to: 'example.org' })), /<policy-violation /)
})

test('XEP-0388 §2.1: who has an account elsewhere is told so', async () => {
  const at = (address: string) => answerTo(header({ more: ` from='${address}'` }))
  for (const address of ['juliet@example.org', 'juliet@rooms.localhost/balcony']) {
    assert.match(await at(address), /<stream:error><invalid-from /, address)
  }
  for (const address of ['juliet@localhost', 'JULIET@LOCALHOST/balcony', 'nobody@localhost']) {
    assert.match(await at(address), /<stream:features>/, address)
  }
})

test('RFC 6120 §4.9.3.9: the `from` of a stream does not change over restarts', async () => {
  const peer = (await TestServer.make()).connect()
  await peer.exchange(header({ more: " from='juliet@localhost'" }))
  await peer.exchange(plain('juliet', 'secret'))
  assert.match(await peer.exchange(header({ more: " from='romeo@localhost'" })), /<invalid-from /)
})

test('RFC 6120 §4.9.3.9: after login the `from` is who has logged in', async () => {
  const peer = (await TestServer.make()).connect()
  await peer.exchange(header())
  await peer.exchange(plain('juliet', 'secret'))
  assert.match(await peer.exchange(header({ more: " from='romeo@localhost'" })), /<invalid-from /)
})

test('RFC 6120 §4.7.3: each restart has another id', async () => {
  const peer = (await TestServer.make()).connect()
  await peer.exchange(header())
  const before = peer.stream.id
  await peer.exchange(plain('juliet', 'secret'))
  await peer.exchange(header())
  assert.notEqual(peer.stream.id, before)
})
