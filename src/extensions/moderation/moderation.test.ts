// XEP-0425: Moderated Message Retraction
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administer, enter, inside, open, room, roomServer, say } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'
import { moderation } from './moderation.ts'

const namespace = 'urn:xmpp:message-moderate:1'
const retractNamespace = 'urn:xmpp:message-retract:1'
const start = (options = {}) => roomServer({ more: [moderation], options: { moderation: options } })

const retractChild = `<retract xmlns='${retractNamespace}'/>`
const condition = (stanza: Element | undefined) => stanza?.child('error')?.elements()[0]?.name
const occupantOf = (stanza: Element | undefined) =>
  stanza?.child('occupant-id', 'urn:xmpp:occupant-id:0')?.attribute('id')

function moderate(client: MemoryClient, id: string, inner = retractChild): Promise<void> {
  return client.send(
    `<iq type='set' id='m' to='${room}'><moderate xmlns='${namespace}' id='${id}'>${inner}</moderate></iq>`,
  )
}

async function saidBy(client: MemoryClient, body: string): Promise<string> {
  client.takeAll()
  await say(client, body)
  return client.takeAll().at(-1)?.child('stanza-id', 'urn:xmpp:sid:0')?.attribute('id') as string
}

test('§3.1: everybody hears which message is retracted, by whom and why, and then comes the result', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await say(romeo, 'x')
  const own = occupantOf(romeo.takeAll()[0])
  const juliet = await inside(local, 'juliet')
  const id = await saidBy(juliet, 'potions')
  romeo.takeAll()
  await moderate(romeo, id, `${retractChild}<reason>no potions</reason>`)
  const [message, result] = romeo.takeAll()
  assert.equal(result?.attribute('type'), 'result')
  assert.equal(message?.attribute('from'), room)
  const retract = message?.child('retract', retractNamespace)
  assert.equal(retract?.attribute('id'), id)
  assert.equal(retract?.child('reason')?.text, 'no potions')
  const moderated = retract?.child('moderated', namespace)
  assert.equal(moderated?.attribute('by'), `${room}/romeo`)
  assert.equal(occupantOf(moderated), own)
  assert.equal(juliet.takeAll().length, 1)
})

test('§4: who enters gets a tombstone with the author and the moderator', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  const id = await saidBy(juliet, 'potions')
  await moderate(romeo, id)
  const nurse = await local.connect('nurse@localhost/home')
  await enter(nurse, 'nurse')
  const [tombstone] = nurse.takeAll().filter((one) => one.child('delay', 'urn:xmpp:delay'))
  assert.equal(tombstone?.child('body'), undefined)
  assert.ok(occupantOf(tombstone))
  const retracted = tombstone?.child('retracted', retractNamespace)
  assert.equal(retracted?.child('moderated', namespace)?.attribute('by'), `${room}/romeo`)
  assert.equal(retracted?.attribute('stamp'), '2026-01-01T00:00:00Z')
})

test('§3.2: moderators may, and admins who are elsewhere; others are told forbidden, and nothing happens', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, { whois: 'anyone' })
  const juliet = await inside(local, 'juliet')
  const id = await saidBy(juliet, 'one')
  const outside = await local.connect('paris@localhost/home')
  for (const client of [juliet, outside]) {
    await moderate(client, id)
    assert.equal(condition(client.takeAll()[0]), 'forbidden')
  }
  await administer(romeo, `<item affiliation='admin' jid='paris@localhost'/>`)
  juliet.takeAll()
  await moderate(outside, id)
  assert.equal(outside.takeAll()[0]?.attribute('type'), 'result')
  const retract = juliet.takeAll()[0]?.child('retract', retractNamespace)
  assert.equal(retract?.child('moderated', namespace)?.attribute('by'), room)
})

test('what is asked for has to make sense, and a long reason is cut', async () => {
  await using local = await start({ reasonLength: 3 })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const id = await saidBy(romeo, 'one')
  await moderate(romeo, '')
  assert.equal(condition(romeo.takeAll()[0]), 'bad-request')
  await moderate(romeo, id, `<edit xmlns='urn:x'/>`)
  assert.equal(condition(romeo.takeAll()[0]), 'feature-not-implemented')
  await moderate(romeo, id, `${retractChild}<reason>abcdef</reason>`)
  const retract = romeo.takeAll()[0]?.child('retract', retractNamespace)
  assert.equal(retract?.child('reason')?.text, 'abc')
})

test('§2: rooms say so', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const info = 'http://jabber.org/protocol/disco#info'
  await romeo.send(`<iq type='get' id='d' to='${room}'><query xmlns='${info}'/></iq>`)
  const features = romeo.takeAll()[0]?.child('query', info)?.elements('feature')
  assert.ok(features?.some((feature) => feature.attribute('var') === namespace))
})
