import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  administer,
  configure,
  enter,
  inside,
  romeoInside,
  room,
  roomServer,
  say,
  told,
} from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'

function submit(client: MemoryClient, fields: Readonly<Record<string, string>>): Promise<void> {
  const all = { FORM_TYPE: 'http://jabber.org/protocol/muc#request', ...fields }
  const inside = Object.entries(all).map(
    ([name, value]) => `<field var='${name}'><value>${value}</value></field>`,
  )
  return client.send(
    `<message to='${room}'><x xmlns='jabber:x:data' type='submit'>${inside.join('')}</x></message>`,
  )
}

/** The values of the form that a moderator got. */
function asked(client: MemoryClient): Record<string, string> | undefined {
  const x = client.takeAll().at(-1)?.child('x', 'jabber:x:data')
  if (!x) return undefined
  return Object.fromEntries(
    x.elements('field').map((field) => [field.attribute('var'), field.child('value')?.text]),
  )
}

test('XEP-0045 §7.13: a visitor asks for voice, and a moderator grants it', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { moderatedroom: '1' })
  const juliet = await inside(local, 'juliet')
  const nurse = await inside(local, 'nurse')
  told(romeo)
  await submit(juliet, { 'muc#role': 'participant' })
  const form = asked(romeo)
  assert.deepEqual(form, {
    FORM_TYPE: 'http://jabber.org/protocol/muc#request',
    'muc#role': 'participant',
    'muc#jid': 'juliet@localhost/home',
    'muc#roomnick': 'juliet',
    'muc#request_allow': '0',
  })
  told(juliet)
  assert.equal(asked(nurse), undefined, 'who has no voice is not asked')
  await submit(romeo, form ?? {})
  assert.deepEqual(told(juliet), [], '0 is no')
  await submit(nurse, { ...form, 'muc#request_allow': '1' })
  assert.deepEqual(told(nurse), ['error forbidden'])
  await submit(romeo, { ...form, 'muc#jid': 'nurse@localhost', 'muc#request_allow': '1' })
  assert.deepEqual(told(romeo), ['error item-not-found'], "the nick is another one's")
  await submit(romeo, { ...form, 'muc#request_allow': 'true' })
  assert.deepEqual([told(juliet), told(romeo)], [['juliet participant 110'], ['juliet participant']])
  await submit(romeo, { ...form, 'muc#request_allow': 'true' })
  assert.deepEqual(told(juliet), [], 'granted already')
  await say(juliet, 'Thanks')
  assert.deepEqual(told(romeo), ['juliet: Thanks'])
})

test('XEP-0045 §7.13: who has voice needs none, and nobody asks all the time', async () => {
  await using local = await roomServer({ muc: { voiceRequestSeconds: 60 } })
  const romeo = await romeoInside(local, { moderatedroom: '1' })
  const juliet = await inside(local, 'juliet')
  told(romeo)
  await submit(romeo, { 'muc#role': 'participant' })
  assert.deepEqual(told(romeo), ['error bad-request'])
  await submit(juliet, { 'muc#role': 'moderator' })
  assert.deepEqual(told(juliet), ['error bad-request'])
  await submit(juliet, {})
  assert.ok(asked(romeo))
  await submit(juliet, {})
  assert.deepEqual([told(juliet), asked(romeo)], [['error policy-violation'], undefined])
  local.clock.advance(60_000)
  await submit(juliet, {})
  assert.ok(asked(romeo))
  await administer(romeo, `<item nick='juliet' role='participant'/>`)
  local.clock.advance(60_000)
  told(juliet)
  await submit(juliet, {})
  assert.deepEqual(told(juliet), ['error bad-request'])
})

test('XEP-0045 §5.1: in a moderated room, voice that was given or taken is so on the next visit too', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { moderatedroom: '1' })
  await administer(romeo, `<item affiliation='member' jid='nurse@localhost'/>`)
  const [juliet, nurse] = [await inside(local, 'juliet'), await inside(local, 'nurse')]
  const again = async (client: MemoryClient, nick: string) => {
    await client.send(`<presence to='${room}' type='unavailable'/>`)
    await enter(client, nick)
    return told(client).findLast((short) => short.endsWith('110'))
  }
  await administer(romeo, `<item nick='juliet' role='participant'/><item nick='nurse' role='visitor'/>`)
  assert.equal(await again(juliet, 'jule'), 'jule participant 110')
  assert.equal(await again(nurse, 'nurse'), 'nurse visitor 110')
  for (const nick of ['jule', 'nurse']) await administer(romeo, `<item nick='${nick}' role='none'/>`)
  assert.equal(await again(juliet, 'jule'), 'jule visitor 110', 'a kick takes the voice')
  assert.equal(await again(nurse, 'nurse'), 'nurse visitor 110', 'and gives none')
  await administer(romeo, `<item affiliation='none' jid='nurse@localhost'/>`)
  await administer(romeo, `<item affiliation='member' jid='nurse@localhost'/>`)
  assert.equal(await again(nurse, 'nurse'), 'nurse participant 110')
  await administer(romeo, `<item nick='nurse' role='visitor'/>`)
  await configure(romeo, { moderatedroom: '0' })
  assert.equal(await again(nurse, 'nurse'), 'nurse participant 110')
})
