import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jid } from '../jid/jid.ts'
import type { Element } from '../xml/element.ts'
import { parseDocument } from '../xml/xml.ts'
import { parseStanza } from './parse-stanza.ts'
import type { Message } from './stanza.ts'
import { stanzaIdOf, withoutStanzaIds, withStanzaId } from './stanza-id.ts'

const romeo = jid('romeo@example.net')
const id = (by: string, text = 'forged') => `<stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='${text}'/>`

function messageWith(inside: string): Message {
  const element = parseDocument(`<message xmlns='jabber:client'>${inside}</message>`) as Element
  return parseStanza(element, jid('tybalt@example.org/street')) as Message
}

const textOf = (message: Message) => message.toString().replace(/^<message[^>]*>/, '')

for (const [what, inside, left] of [
  ['one', `<body>a</body>${id('romeo@example.net')}`, '<body>a</body></message>'],
  ['several', `${id('romeo@example.net')}<x/>${id('romeo@example.net')}`, '<x/></message>'],
  ['another spelling', id('ROMEO@Example.NET'), ''],
  ['one inside another', `<x>${id('romeo@example.net')}<y/></x>`, '<x><y/></x></message>'],
  [
    'one deep inside',
    `<x><y><z>b${id('romeo@example.net')}c</z></y></x>`,
    '<x><y><z>bc</z></y></x></message>',
  ],
] as const) {
  test(`XEP-0359 §3: an id that claims to be from the account is taken away: ${what}`, () => {
    assert.equal(textOf(withoutStanzaIds(messageWith(inside), romeo)), left)
  })
}

test('XEP-0359 §3: ids of others, of origin and of nobody stay, and the message is not made anew', () => {
  for (const inside of [
    id('juliet@example.net'),
    id('room@example.net'),
    id('romeo@example.net/orchard'),
    `<stanza-id xmlns='urn:xmpp:sid:0' id='a'/>`,
    `<stanza-id xmlns='urn:xmpp:sid:0' by='@@' id='a'/>`,
    `<origin-id xmlns='urn:xmpp:sid:0' id='a'/>`,
    `<stanza-id xmlns='urn:other' by='romeo@example.net' id='a'/>`,
    `text<body>b</body>`,
  ]) {
    const message = messageWith(inside)
    assert.equal(withoutStanzaIds(message, romeo), message, inside)
  }
})

test('XEP-0359 §2.1: an id that is put on is found again', () => {
  const message = withStanzaId(messageWith(id('juliet@example.net')), romeo, 'a1')
  assert.equal(stanzaIdOf(message, romeo), 'a1')
  assert.equal(stanzaIdOf(message, jid('juliet@example.net')), 'forged')
  assert.equal(stanzaIdOf(message, jid('example.net')), undefined)
})
