// XEP-0280 §6.1: which messages of rooms are copied.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { enter, romeoInside, room, roomServer } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { carbons } from './carbons.ts'

const namespace = 'urn:xmpp:carbons:2'
const mark = `<x xmlns='http://jabber.org/protocol/muc#user'/>`
const whisper = (to: string, more = mark) =>
  `<message to='${to}' type='chat'><body>psst</body>${more}</message>`

/** Juliet's client, which wants copies, inside if it has a nick. */
async function client(local: InMemory, resource: string, nick?: string): Promise<MemoryClient> {
  const juliet = await local.connect(`juliet@localhost/${resource}`)
  await juliet.send(`<iq type='set' id='c'><enable xmlns='${namespace}'/></iq>`)
  await juliet.send('<presence/>')
  if (nick) await enter(juliet, nick)
  return juliet
}

/** What came: `sent` or `received` for a copy, else the body or the condition of an error. */
const told = (juliet: MemoryClient) =>
  juliet
    .takeAll()
    .filter((stanza) => stanza.name === 'message')
    .map(
      (stanza) =>
        ['sent', 'received'].find((name) => stanza.child(name, namespace)) ??
        stanza.child('error')?.elements()[0]?.name ??
        stanza.child('body')?.text,
    )

async function inside(local: InMemory) {
  const romeo = await romeoInside(local)
  const sender = await client(local, 'balcony', 'Juliet')
  const others = {
    sameNick: await client(local, 'phone', 'Juliet'),
    otherNick: await client(local, 'desk', 'Capulet'),
    outside: await client(local, 'tablet'),
  }
  const all = [romeo, sender, ...Object.values(others)]
  for (const one of all) one.takeAll()
  const ofOthers = () =>
    Object.fromEntries(Object.entries(others).map(([name, other]) => [name, told(other)]))
  return { romeo, sender, ofOthers, others }
}

test('XEP-0280 §6.1: what is said to one occupant is copied to the clients behind the same nick', async () => {
  await using local = await roomServer({ extensions: [carbons] })
  const tybalt = await local.connect('tybalt@localhost/street')
  await tybalt.send('<presence/>')
  const { romeo, sender, ofOthers } = await inside(local)
  await sender.send(whisper(`${room}/romeo`))
  assert.deepEqual(told(romeo), ['psst'])
  assert.deepEqual(ofOthers(), { sameNick: ['sent'], otherNick: [], outside: [] })
  await sender.send(whisper('tybalt@localhost/street', ''))
  assert.deepEqual(ofOthers(), { sameNick: ['sent'], otherNick: ['sent'], outside: ['sent'] })
})

test('XEP-0280 §6.1: what an occupant says to one is not copied: the room sends it to all behind the nick', async () => {
  await using local = await roomServer({ extensions: [carbons] })
  const { romeo, ofOthers } = await inside(local)
  await romeo.send(whisper(`${room}/Juliet`))
  assert.deepEqual(ofOthers(), { sameNick: ['psst'], otherNick: [], outside: [] })
})

test('XEP-0280 §6.1: invitations are copied, on both sides', async () => {
  await using local = await roomServer({ extensions: [carbons] })
  const { sender, ofOthers } = await inside(local)
  const tybalt = await local.connect('tybalt@localhost/street')
  await tybalt.send(
    `<message to='juliet@localhost/balcony'><x xmlns='jabber:x:conference' jid='${room}'/></message>`,
  )
  assert.deepEqual(ofOthers(), { sameNick: ['received'], otherNick: ['received'], outside: ['received'] })
  await sender.send(
    `<message to='${room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='tybalt@localhost'/></x></message>`,
  )
  assert.deepEqual(ofOthers(), { sameNick: ['sent'], otherNick: ['sent'], outside: ['sent'] })
})

test('XEP-0280 §6.1: what is said to all is not copied, nor the answer that refuses it', async () => {
  await using local = await roomServer({ extensions: [carbons] })
  const { romeo, sender, ofOthers } = await inside(local)
  const nobody = { sameNick: [], otherNick: [], outside: [] }
  await romeo.send(
    `<iq to='${room}' type='set' id='v'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='Juliet' role='visitor'/></query></iq>`,
  )
  await romeo.send(
    `<iq to='${room}' type='set' id='m'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_moderatedroom'><value>1</value></field></x></query></iq>`,
  )
  ofOthers()
  sender.takeAll()
  await sender.send(`<message to='${room}' type='groupchat'><body>hi</body></message>`)
  assert.deepEqual(told(sender), ['forbidden'])
  assert.deepEqual(ofOthers(), nobody)
  await sender.send(whisper(`${room}/nobody`))
  assert.deepEqual(told(sender), ['item-not-found'])
  assert.deepEqual(ofOthers(), { ...nobody, sameNick: ['sent', 'received'] })
})

test('XEP-0280 §6.1: who changes the nick is with those who have the new one; who leaves is with nobody', async () => {
  await using local = await roomServer({ extensions: [carbons] })
  const { sender, ofOthers, others } = await inside(local)
  const copied = async () => {
    ofOthers()
    await sender.send(whisper(`${room}/romeo`))
    return ofOthers()
  }
  await sender.send(`<presence to='${room}/Nightingale'/>`)
  await others.outside.send(
    `<presence to='${room}/Nightingale'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  )
  await others.sameNick.send(`<presence to='${room}/Juliet' type='unavailable'/>`)
  assert.deepEqual(await copied(), { sameNick: [], otherNick: [], outside: ['sent'] })
  await sender.send(`<presence to='${room}' type='unavailable'/>`)
  const all = ['sent', 'received']
  assert.deepEqual(await copied(), { sameNick: all, otherNick: all, outside: all }, 'refused, and in no room')
})

test('XEP-0280 §6.1: somebody to whom one has shown presence is no room: what goes back is copied to all', async () => {
  await using local = await roomServer({ extensions: [carbons] })
  const { sender, ofOthers } = await inside(local)
  for (const to of ['tybalt@localhost', 'tybalt@localhost/street']) {
    await sender.send(`<presence to='${to}'/>`)
    ofOthers()
    await sender.send(`<message to='${to}' type='chat'><body>hi</body></message>`)
    const all = ['sent', 'received']
    assert.deepEqual(ofOthers(), { sameNick: all, otherNick: all, outside: all }, to)
  }
})
