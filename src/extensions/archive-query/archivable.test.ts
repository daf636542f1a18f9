import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jid } from '../../jid/jid.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { Element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { isArchivable } from './archivable.ts'

const body = '<body>hi</body>'
const hint = (name: string) => `<${name} xmlns='urn:xmpp:hints'/>`
const composing = `<composing xmlns='http://jabber.org/protocol/chatstates'/>`

const cases: [what: string, type: string, inside: string, isArchived: boolean][] = [
  ['a body', 'chat', body, true],
  ['a body', 'normal', body, true],
  ['an empty body', 'chat', '<body/>', true],
  ['a body', 'headline', body, false],
  ['a body', 'groupchat', body, false],
  ['a body', 'error', body, false],
  ['nothing', 'chat', '', false],
  ['a subject alone', 'normal', '<subject>s</subject>', false],
  ['a body in a foreign namespace', 'chat', `<body xmlns='urn:other'>hi</body>`, false],
  ['a chat state alone', 'chat', composing, false],
  ['a chat state with a body', 'chat', composing + body, true],
  ['a receipt', 'normal', `<received xmlns='urn:xmpp:receipts' id='1'/>`, true],
  ['a request for a receipt alone', 'chat', `<request xmlns='urn:xmpp:receipts'/>`, false],
  ['a marker', 'chat', `<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>`, true],
  ['what may be marked alone', 'chat', `<markable xmlns='urn:xmpp:chat-markers:0'/>`, false],
  ['a correction', 'chat', `<replace xmlns='urn:xmpp:message-correct:0' id='1'/>${body}`, true],
  ['a reaction', 'chat', `<reactions xmlns='urn:xmpp:reactions:0' id='1'/>`, true],
  ['a retraction', 'chat', `<retract xmlns='urn:xmpp:message-retract:1' id='1'/>`, true],
  ['an encrypted message', 'chat', `<encrypted xmlns='eu.siacs.conversations.axolotl'/>`, true],
  ['an invitation', 'normal', `<x xmlns='jabber:x:conference' jid='a@b'/>`, true],
  ['a mediated invitation', 'normal', `<x xmlns='http://jabber.org/protocol/muc#user'><invite/></x>`, true],
  ['what a room says of itself', 'normal', `<x xmlns='http://jabber.org/protocol/muc#user'/>`, false],
  ['no-store', 'chat', body + hint('no-store'), false],
  ['no-permanent-store', 'chat', body + hint('no-permanent-store'), false],
  ['no-copy', 'chat', body + hint('no-copy'), true],
  ['store', 'chat', composing + hint('store'), true],
  ['store', 'headline', body + hint('store'), true],
  ['store', 'groupchat', body + hint('store'), false],
  ['store', 'error', body + hint('store'), false],
  ['store and no-store', 'chat', body + hint('store') + hint('no-store'), false],
]

for (const [what, type, inside, isArchived] of cases) {
  test(`XEP-0313 §6.1.1: ${type} with ${what} is ${isArchived ? '' : 'not '}archived`, () => {
    const text = `<message xmlns='jabber:client' type='${type}'>${inside}</message>`
    const message = parseStanza(parseDocument(text) as Element, jid('romeo@localhost/orchard')) as Message
    assert.equal(isArchivable(message), isArchived)
  })
}
