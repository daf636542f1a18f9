// Messages that are sent on in the bytes in which they came.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { jid } from '../jid/jid.ts'
import { type Element, element, type Node } from '../xml/element.ts'
import { XmlReader } from '../xml/xml.ts'
import { parseStanza } from './parse-stanza.ts'
import { Message } from './stanza.ts'

const mark = element('stanza-id', 'urn:xmpp:sid:0', { id: 'a&b' })
const romeo = jid('romeo@localhost/orchard')
const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"

/** The elements of a stream that comes in these pieces. */
function read(...pieces: readonly (string | Uint8Array)[]): Element[] {
  const elements: Element[] = []
  const onElement = (element: Element) => void elements.push(element)
  const reader = new XmlReader({ sentOn: 'message', onOpen() {}, onElement, onClose() {} })
  for (const piece of [header, ...pieces]) {
    const bytes = Buffer.from(piece)
    assert.equal(reader.push(bytes), undefined, String(piece))
    // They are the caller's again.
    bytes.fill(0x78)
  }
  return elements
}

function messageOf(element: Element | undefined, lang?: string): Message {
  const message = element && parseStanza(element, romeo, { lang })
  assert.ok(message instanceof Message, String(message))
  return message
}

/** Whether a message goes on in its sender's own bytes: what comes behind our own beginning of it. */
function isSentOn(message: Message): boolean {
  return !message.with({}).toString().endsWith(message.rest().toString())
}

/** What is the same of two elements that mean the same. */
function meaning(node: Node): unknown {
  if (typeof node === 'string') return node
  const { name, namespace, attributes } = node
  const values = attributes.map((value, index) =>
    index % 2 === 0 ? `${value}=${attributes[index + 1]}` : '',
  )
  return { name, namespace, attributes: values.sort(), children: node.children.map(meaning) }
}

function assertSameMeaning(message: Message): void {
  const [asWritten] = read(message.toString())
  const [asMeant] = read(message.with({}).toString())
  assert.deepEqual(meaning(asWritten as Element), meaning(asMeant as Element), message.toString())
  const saxes = new SaxesParser({ xmlns: true })
  saxes.on('error', (error) => assert.fail(`${error.message}: ${message}`))
  saxes.write(`${header}${message}</stream:stream>`).close()
}

const said =
  '<body  >Wherefore &amp; why — &#x27;</body ><active xmlns="http://jabber.org/protocol/chatstates"/>'
const untouched = `<message to="juliet@localhost/balcony" type='chat'>${said}</message>`

test('RFC 6120 §8.1.2.1: a message goes on as its sender wrote it, with the sender’s address', () => {
  const message = messageOf(read(untouched)[0])
  assert.ok(isSentOn(message))
  assert.equal(
    message.toString(),
    `<message from='romeo@localhost/orchard' to="juliet@localhost/balcony" type='chat'>${said}</message>`,
  )
  assertSameMeaning(message)
})

test('RFC 6120 §8.1.5: and with the language of its stream, where it names none', () => {
  assert.match(
    messageOf(read(untouched)[0], "e'n").toString(),
    /^<message from='[^']*' xml:lang='e&apos;n' to=/,
  )
  const german = messageOf(read("<message to='juliet@localhost' xml:lang='de'/>")[0], 'en')
  assert.equal(
    german.toString(),
    "<message from='romeo@localhost/orchard' to='juliet@localhost' xml:lang='de'/>",
  )
})

const rewritten: readonly (readonly [what: string, text: string])[] = [
  ['without `to`', '<message><body> hi</body></message>'],
  ['with an address that is not prepared', "<message to='Juliet@localhost'/>"],
  ['with a `from`', "<message from='romeo@localhost/orchard' to='juliet@localhost'/>"],
  ['of an unknown type', "<message to='juliet@localhost' type='x'/>"],
  ['of a type that goes without saying', "<message to='juliet@localhost' type='normal'/>"],
  ['that declares its own namespace', "<message xmlns='jabber:client' to='juliet@localhost'/>"],
  ['with a prefix', "<s:message xmlns:s='jabber:client' to='juliet@localhost'/>"],
  ['with a prefix inside', "<message to='juliet@localhost'><stream:a/></message>"],
  ['that declares a prefix inside', "<message to='juliet@localhost'><a xmlns:b='c'/></message>"],
  ['with an attribute that has a prefix', "<message to='juliet@localhost'><a stream:b='c'/></message>"],
  ['with a CDATA section', "<message to='juliet@localhost'><body><![CDATA[<]]></body></message>"],
]
for (const [what, text] of rewritten) {
  test(`a message ${what} is written anew`, () => {
    const message = messageOf(read(text)[0])
    assert.ok(!isSentOn(message), message.toString())
    assertSameMeaning(message)
  })
}

test('a message that came in pieces is written anew, and the next one is not', () => {
  const [first, second] = read(untouched.slice(0, 70), untouched.slice(70) + untouched)
  assert.ok(!isSentOn(messageOf(first)))
  assert.ok(isSentOn(messageOf(second)))
  assertSameMeaning(messageOf(first))
})

test('a message that is changed is written anew, whatever was changed', () => {
  const message = messageOf(read(untouched)[0])
  const changes = [
    { to: romeo },
    { from: romeo.bare },
    { id: 'x' },
    { type: 'headline' },
    { children: [] },
  ] as const
  for (const change of changes) {
    const changed = message.with(change)
    const [again] = read(changed.toString())
    assert.deepEqual(meaning(again as Element), meaning(changed.toElement()), Object.keys(change).join())
  }
})

test('a message that gets one child more goes on as it was written, if its end tag can be found', () => {
  const message = messageOf(read(untouched)[0])
  const marked = message.withLast(mark)
  assert.ok(isSentOn(marked))
  assert.ok(marked.toString().endsWith(`${said}<stanza-id xmlns='urn:xmpp:sid:0' id='a&amp;b'/></message>`))
  assertSameMeaning(marked)
  assert.ok(isSentOn(message), 'the message itself is as it was')
  assert.equal(message.toString().includes('stanza-id'), false)
  for (const end of ['/>', '></message >', '></message\n>']) {
    const other = messageOf(read(`<message to='juliet@localhost'${end}`)[0])
    assert.ok(isSentOn(other) && !isSentOn(other.withLast(mark)), end)
    assertSameMeaning(other.withLast(mark))
  }
})

// What is written here has all that XML lets one write in several ways.
const space = fc.constantFrom('', '', ' ', '\n', '\t ')
const character = fc.constantFrom(
  ...'ab <>é漢😀',
  '&lt;',
  '&#65;',
  '&#x1F600;',
  '&quot;',
  '\n',
  '\t',
  '\r\n',
  ']]',
)
const prose = fc.array(character, { maxLength: 6 }).map((all) => all.join(''))
const textOf = prose.map((text) => text.replaceAll('<', '').replaceAll('>', ''))
const value = fc.tuple(textOf, fc.constantFrom("'", '"')).map(([text, quote]) => `${quote}${text}${quote}`)
const attribute = (name: string) =>
  fc
    .tuple(space, space, value)
    .map(([before, behind, given]) => ` ${before}${name}${behind}=${before}${given}`)
const attributes = fc
  .subarray(['id', 'subject', 'xml:lang', 'é', 'x'])
  .chain((names) => fc.tuple(...names.map(attribute)))
  .map((all) => all.join(''))
const inner = fc.letrec<{ node: string; tag: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    textOf,
    fc.constantFrom('<![CDATA[<&]]>', '<stream:x/>', "<p:x xmlns:p='u' p:y='1'/>", "<x xmlns=''/>"),
    tie('tag'),
  ),
  tag: fc
    .tuple(
      fc.constantFrom('body', 'x', 'é', 'active'),
      fc.constantFrom('', '', " xmlns='urn:x'", " xmlns='jabber:client'", " xmlns=''"),
      attributes,
      space,
      fc.array(tie('node'), { maxLength: 3 }),
    )
    .map(
      ([name, namespace, given, end, nodes]) =>
        `<${name}${namespace}${given}${end}>${nodes.join('')}</${name}${end}>`,
    ),
})).node
const messageText = fc
  .tuple(
    fc.constantFrom('juliet@localhost', 'juliet@localhost/a&amp;b', 'JULIET@localhost', '&#106;@localhost'),
    fc.constantFrom('', " type='chat'", ' type="groupchat"', " type='y'"),
    attributes,
    space,
    fc.array(inner, { maxLength: 3 }),
  )
  .map(
    ([to, type, given, end, nodes]) =>
      `<message${given} to='${to}'${type}${end}>${nodes.join('')}</message${end}>`,
  )

test('however a message is written and cut, it means the same when it is sent on', () => {
  let sentOn = 0
  let marked = 0
  const cuts = fc.array(fc.nat(400), { maxLength: 2 })
  fc.assert(
    fc.property(fc.array(messageText, { minLength: 1, maxLength: 3 }), cuts, (texts, places) => {
      const bytes = Buffer.from(texts.join(' '))
      const ends = [...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length]
      const elements = read(...ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)))
      assert.equal(elements.length, texts.length)
      for (const element of elements) {
        const message = messageOf(element)
        assertSameMeaning(message)
        assertSameMeaning(message.withLast(mark))
        if (isSentOn(message)) sentOn += 1
        if (isSentOn(message.withLast(mark))) marked += 1
      }
    }),
    { seed: 20261122, numRuns: 400 },
  )
  assert.ok(sentOn > 100, String(sentOn))
  assert.ok(marked > 50, String(marked))
})
