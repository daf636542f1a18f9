import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jid } from '../jid/jid.ts'
import { parseStanza } from '../stanza/parse-stanza.ts'
import { Element } from '../xml/element.ts'
import { parseDocument, XmlReader } from '../xml/xml.ts'
import { standingAlone } from './framing.ts'

test('RFC 7395 §3.3.3: a message that is sent on as it came over TCP stands by itself over WebSocket', () => {
  const header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
  const sent = '<message to="juliet@localhost" type=\'chat\'><body>hi</body></message>'
  let came: Element | undefined
  const onElement = (element: Element) => {
    came = element
  }
  new XmlReader({ sentOn: 'message', onOpen() {}, onElement, onClose() {} }).push(Buffer.from(header + sent))
  const message = parseStanza(came as Element, jid('romeo@localhost/orchard'))
  assert.ok(typeof message !== 'string')
  const text = standingAlone(message.head()) + message.rest()
  assert.equal(
    text,
    "<message xmlns='jabber:client' from='romeo@localhost/orchard' to=\"juliet@localhost\" type='chat'><body>hi</body></message>",
  )
  const alone = parseDocument(text)
  assert.ok(alone instanceof Element)
  assert.deepEqual(alone.children, message.children)
})
