// What a room says to many goes to most of them without being copied; those who want something done to it get it done.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standard } from '../src/extensions/standard/standard.ts'
import { jid } from '../src/jid/jid.ts'
import { capsNamespace } from '../src/stanza/namespaces.ts'
import { Message, Presence } from '../src/stanza/stanza.ts'
import { element } from '../src/xml/element.ts'
import { befriend } from './contacts.ts'
import { pause } from './pause.ts'
import { enter, inside, open, room, roomServer, say, told } from './rooms.ts'

const blocking = 'urn:xmpp:blocking'
const mucUser = 'http://jabber.org/protocol/muc#user'

test('XEP-0191 §3.3: who blocks an occupant sees nothing of it any more, and all others do', async () => {
  await using local = await roomServer({ extensions: standard })
  const romeo = await local.connect('romeo@localhost/orchard')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  const nurse = await inside(local, 'nurse')
  const item = `<item jid='${room}/romeo'/>`
  await juliet.send(`<iq type='set' id='b'><block xmlns='${blocking}'>${item}</block></iq>`)
  for (const client of [romeo, juliet, nurse]) client.takeAll()
  await romeo.send(`<presence to='${room}/romeo'><show>away</show></presence>`)
  assert.deepEqual(told(juliet), [])
  assert.deepEqual(told(nurse), ['romeo moderator'])
  await say(nurse, 'what?')
  assert.deepEqual(told(juliet), ['nurse: what?'])
})

test('RFC 6120 §8.1.1.1: each gets a stanza that is addressed to it, in full and as XML', async () => {
  await using local = await roomServer({ extensions: standard })
  const romeo = await local.connect("connor@localhost/o'connor & sons")
  await enter(romeo, 'romeo')
  await romeo.send(
    `<iq to='${room}' type='set' id='c'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`,
  )
  const juliet = await inside(local, 'juliet')
  romeo.takeAll()
  await say(juliet, 'a &amp; b')
  await juliet.send(`<presence to='${room}/juliet'/>`)
  const [message, presence] = romeo.takeAll()
  assert.equal(message?.attribute('to'), romeo.jid.toString())
  assert.equal(message?.child('body')?.text, 'a & b')
  assert.equal(presence?.attribute('to'), romeo.jid.toString())
})

test('no usual extension has to look at what rooms say to many: else each of them would get a copy', async () => {
  await using local = await roomServer({ extensions: standard })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  await romeo.send(`<iq type='get' id='l'><blocklist xmlns='${blocking}'/></iq>`)
  const host = local.server.host('localhost')
  assert.ok(host)
  const account = host.loaded.get('romeo')
  assert.ok(account)
  const from = jid(`${room}/juliet`)
  const body = element('body', 'jabber:client', {}, 'hist')
  const message = new Message('groupchat', { from, children: [body] })
  const presence = new Presence('available', { from, children: [element('x', mucUser)] })
  assert.equal(host.presenceReceived.passes(presence, account), true)
  assert.equal(host.received.passes(message, account), true)
  assert.equal(host.outgoing.passes(message, romeo.session), true)
})

test('XEP-0115 §8.4: nor at presence of contacts that says of what their clients can do what was said before, or nothing', async () => {
  await using local = await roomServer({ extensions: standard })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  await romeo.send(`<iq type='get' id='l'><blocklist xmlns='${blocking}'/></iq>`)
  const host = local.server.host('localhost')
  const account = host?.loaded.get('romeo')
  assert.ok(host && account)
  const from = jid('juliet@localhost/balcony')
  const passes = (presence: Presence) => host.presenceReceived.passes(presence, account)
  const caps = (ver: string) => element('c', capsNamespace, { hash: 'sha-1', node: 'urn:node', ver })
  const first = new Presence('available', { from, children: [caps('one')] })
  assert.equal(passes(new Presence('available', { from })), true)
  assert.equal(passes(first), false)
  await host.route(first.with({ to: account.jid }))
  assert.equal(passes(first), true)
  assert.equal(passes(new Presence('available', { from, children: [caps('two')] })), false)
  assert.equal(passes(new Presence('unavailable', { from })), false)
  await host.route(new Presence('unavailable', { from, to: account.jid }))
  assert.equal(passes(first), false)
})

test('RFC 6121 §4.4.2: what is shown to a contact comes to its available resources, for its bare address', async () => {
  await using local = await roomServer({ extensions: standard })
  const romeo = await local.connect('romeo@localhost/orchard')
  const away = await local.connect('romeo@localhost/away')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send('<presence/>')
  await juliet.send('<presence/>')
  await befriend(romeo, juliet)
  await pause()
  for (const client of [romeo, away]) client.takeAll()
  await juliet.send('<presence><show>dnd</show></presence>')
  const shown = romeo.takeAll().map((stanza) => [stanza.attribute('to'), stanza.child('show')?.text])
  assert.deepEqual(shown, [['romeo@localhost', 'dnd']])
  assert.deepEqual(away.takeAll(), [])
  await juliet.send("<presence type='unavailable'/>")
  assert.deepEqual(
    romeo.takeAll().map((stanza) => [stanza.attribute('to'), stanza.attribute('type')]),
    [['romeo@localhost', 'unavailable']],
  )
})
