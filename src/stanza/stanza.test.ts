import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jid } from '../jid/jid.ts'
import { Element, element } from '../xml/element.ts'
import { parseDocument } from '../xml/xml.ts'
import { parseStanza } from './parse-stanza.ts'
import { resultOf } from './reply.ts'
import { Iq, Message, Presence, type Stanza } from './stanza.ts'

const romeo = jid('romeo@localhost/orchard')
const namespaces = { '': 'jabber:client' }

function elementOf(text: string): Element {
  const parsed = parseDocument(text, { namespaces })
  assert.ok(parsed instanceof Element, `no element: ${text}`)
  return parsed
}

/** Attributes of an element in an order that does not depend on how they were written. */
function sorted(element: Element): string[] {
  const pairs: string[] = []
  for (let index = 0; index < element.attributes.length; index += 2) {
    pairs.push(`${element.attributes[index]}=${element.attributes[index + 1]}`)
  }
  return pairs.sort()
}

function stanzaOf(text: string): Stanza {
  const stanza = parseStanza(elementOf(text), romeo)
  assert.ok(typeof stanza !== 'string', `${stanza}: ${text}`)
  return stanza
}

test('RFC 6120 §8.1: what is read is what is written, with the sender’s own address', () => {
  const texts = [
    `<message to='juliet@localhost' type='chat' id='1' xml:lang='en'><body>a &amp; b</body></message>`,
    `<presence to='juliet@localhost/x' type='unavailable'/>`,
    `<iq to='localhost' type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>`,
    `<message to='juliet@localhost' x='y'><a xmlns='urn:a' xmlns:p='urn:p' p:q='1'/></message>`,
  ]
  for (const text of texts) {
    const stanza = stanzaOf(text)
    const again = elementOf(stanza.toString())
    assert.equal(again.attribute('from'), romeo.toString())
    assert.deepEqual(sorted(again), sorted(stanza.toElement()))
    assert.deepEqual(again.children, elementOf(text).children)
  }
})

test('what is no stanza is told apart by its fault', () => {
  const cases = [
    ["<message to='@'/>", 'bad-to'],
    ["<presence type='here'/>", 'bad-type'],
    ["<iq type='get'><a xmlns='b'/></iq>", 'bad-iq'],
    ["<iq type='get' id=''><a xmlns='b'/></iq>", 'bad-iq'],
    ["<iq type='set' id='1'/>", 'bad-iq'],
    ["<iq id='1'><a xmlns='b'/></iq>", 'bad-type'],
    ["<message xmlns='urn:other'/>", 'not-a-stanza'],
    ['<stanza/>', 'not-a-stanza'],
  ] as const
  for (const [text, fault] of cases) assert.equal(parseStanza(elementOf(text), romeo), fault, text)
})

test('RFC 6121 §5.2.2: a message of an unknown type, or of none, is normal', () => {
  for (const text of [`<message type='strange'/>`, '<message/>']) assert.equal(stanzaOf(text).type, 'normal')
})

test('a copy with another `to` shares the bytes behind it; any other change does not', () => {
  const message = new Message('groupchat', {
    from: romeo,
    id: 'm',
    children: [element('body', 'jabber:client', {}, 'x')],
  })
  const one = message.with({ to: jid('a@localhost') })
  const two = message.with({ to: jid('b@localhost') })
  assert.equal(one.rest(), two.rest())
  assert.notEqual(one.with({ id: 'n' }).rest(), one.rest())
  assert.match(two.toString(), /^<message to='b@localhost' from=/)
})

test('a change leaves the original as it was, and what is given as undefined is removed', () => {
  const presence = new Presence('available', { from: romeo, to: jid('a@localhost'), id: 'p' })
  const changed = presence.with({ to: undefined, id: undefined, type: 'unavailable' })
  assert.equal(changed.toString(), `<presence from='romeo@localhost/orchard' type='unavailable'/>`)
  assert.equal(presence.toString(), `<presence to='a@localhost' from='romeo@localhost/orchard' id='p'/>`)
})

test('RFC 6120 §8.2.3: a result goes back to who asked, with the same id', () => {
  const iq = stanzaOf(`<iq to='localhost' type='get' id='42'><ping xmlns='urn:xmpp:ping'/></iq>`)
  assert.ok(iq instanceof Iq)
  assert.equal(
    resultOf(iq, jid('localhost')).toString(),
    `<iq to='romeo@localhost/orchard' from='localhost' type='result' id='42'/>`,
  )
})

test('addresses and ids cannot break out of their attributes', () => {
  const message = new Message('chat', { from: romeo, to: jid(`a@localhost/'><x/>`), id: `'"<>&` })
  const again = elementOf(message.toString())
  assert.equal(again.attribute('id'), `'"<>&`)
  assert.equal(again.attribute('to'), `a@localhost/'><x/>`)
  assert.deepEqual(again.children, [])
})
