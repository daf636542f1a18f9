import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jid } from '../jid/jid.ts'
import { element } from '../xml/element.ts'
import { serialize } from '../xml/serialize.ts'
import { errorOf } from './reply.ts'
import { Iq, Message, Presence } from './stanza.ts'
import { parseStanzaError, StanzaError, typeByCondition } from './stanza-error.ts'

const from = jid('romeo@localhost/orchard')
const to = jid('juliet@localhost')

test('RFC 6120 §8.3.2: an error has the type that goes with its condition, unless another is given', () => {
  assert.equal(new StanzaError('forbidden').type, 'auth')
  assert.equal(new StanzaError('policy-violation', '', { type: 'wait' }).type, 'wait')
  assert.equal(Object.keys(typeByCondition).length, 22)
})

test('RFC 6120 §8.3.2: condition, text and an application’s own condition, and who refuses', () => {
  const error = new StanzaError('not-authorized', 'no <password>', {
    by: jid('room@rooms.localhost'),
    application: element('too-bad', 'urn:example'),
  })
  assert.equal(
    serialize(error.toElement(), 'jabber:client'),
    `<error type='auth' by='room@rooms.localhost'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>` +
      `<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no &lt;password&gt;</text><too-bad xmlns='urn:example'/></error>`,
  )
})

test('RFC 6120 §8.3.1: an error goes back with id, addresses turned round, and without what was sent', () => {
  const message = new Message('chat', {
    from,
    to,
    id: 'm',
    children: [element('body', 'jabber:client', {}, 'secret')],
  })
  const reply = errorOf(message, new StanzaError('service-unavailable'), jid('localhost'))
  assert.equal(
    reply?.toString(),
    `<message to='romeo@localhost/orchard' from='juliet@localhost' type='error' id='m'>` +
      `<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
  )
})

test('RFC 6120 §8.3.1: nothing answers an error or a result', () => {
  const refusal = new StanzaError('bad-request')
  const stanzas = [
    new Message('error', { from, to }),
    new Presence('error', { from, to }),
    new Iq('error', { from, to, id: '1' }),
    new Iq('result', { from, to, id: '1' }),
  ]
  for (const stanza of stanzas) assert.equal(errorOf(stanza, refusal, to), undefined)
})

test('RFC 6120 §8.3.2: an error is read as it was written, and what is no error of the RFC’s as undefined', () => {
  const refusal = new StanzaError('gone', 'moved', { type: 'modify', address: 'xmpp:a@b' })
  const read = parseStanzaError(refusal.toElement())
  assert.deepEqual([read.condition, read.type, read.message], ['gone', 'modify', 'moved'])
  const inside = (name: string, type?: string) =>
    parseStanzaError(
      element('error', 'jabber:client', { type }, element(name, 'urn:ietf:params:xml:ns:xmpp-stanzas')),
    )
  assert.deepEqual([inside('conflict').type, inside('conflict', 'bad').type], ['cancel', 'cancel'])
  for (const name of ['constructor', 'text', 'unheard-of'])
    assert.equal(inside(name).condition, 'undefined-condition', name)
  assert.equal(parseStanzaError(undefined).condition, 'undefined-condition')
})
