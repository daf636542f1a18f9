// XEP-0317: Hats
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { administer, enter, inside, open, room, roomServer, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Element } from '../../xml/element.ts'
import { hats } from './hats.ts'

const namespace = 'urn:xmpp:hats:0'
const commandsNamespace = 'http://jabber.org/protocol/commands'
const teacher = 'http://tech.example.edu/hats#Teacher'

const start = (parts = {}) => roomServer({ more: [hats], ...parts })

type Values = Readonly<Record<string, string>>

/** Runs a command; without values only its first stage. */
async function run(client: MemoryClient, name: string, values?: Values): Promise<void> {
  const fields = Object.entries(values ?? {}).map(
    ([key, value]) => `<field var='hats#${key}'><value>${value}</value></field>`,
  )
  const x = values ? `<x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x>` : ''
  await client.send(
    `<iq type='set' id='h' to='${room}'>` +
      `<command xmlns='${commandsNamespace}' node='urn:xmpp:hats:commands:${name}'>${x}</command></iq>`,
  )
}

/** The same, and what was answered: a condition, a status, or rows. */
async function answer(client: MemoryClient, name: string, values?: Values): Promise<unknown> {
  client.takeAll()
  await run(client, name, values)
  const iq = client.takeAll().find((stanza) => stanza.attribute('id') === 'h')
  if (iq?.attribute('type') === 'error') return iq.child('error')?.elements()[0]?.name
  const command = iq?.child('command', commandsNamespace)
  const x = command?.child('x', 'jabber:x:data')
  if (!x || x.attribute('type') === 'form') return command?.attribute('status')
  return x.elements('item').map((item) => item.elements('field').map((field) => field.child('value')?.text))
}

const hatsIn = (stanza: Element | undefined) =>
  stanza?.elements('hats', namespace).flatMap((one) => one.elements().map((hat) => hat.attribute('title')))

test('§3.2 and §3.5: a hat is made and given, and everybody sees it, those who enter later too', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  romeo.takeAll()
  await run(romeo, 'create', { title: 'Teacher', uri: teacher, hue: '327.255249' })
  assert.deepEqual(told(romeo), ['result', 'status 104'])
  await run(romeo, 'assign', { jid: 'juliet@localhost/whatever', uri: teacher })
  const [presence, ...others] = romeo.takeAll()
  assert.equal(presence?.attribute('from'), `${room}/juliet`)
  const hat = presence?.child('hats', namespace)?.child('hat')
  assert.deepEqual(hat?.attributes, ['title', 'Teacher', 'uri', teacher, 'hue', '327.255249'])
  assert.equal(others.length, 2)
  assert.deepEqual(hatsIn(juliet.takeAll()[1]), ['Teacher'])
  const nurse = await local.connect('nurse@localhost/home')
  await enter(nurse, 'nurse')
  const seen = nurse.takeAll().map((one) => hatsIn(one)?.join())
  assert.deepEqual(seen, ['', 'Teacher', '', ''])
})

test('§3.2, §3.3 and §3.6: hats change, are taken away and end, and everybody sees that', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await inside(local, 'juliet')
  const shown = async (name: string, values: Values) => {
    romeo.takeAll()
    await run(romeo, name, values)
    return romeo
      .takeAll()
      .filter((one) => one.name === 'presence')
      .map(hatsIn)
  }
  const jid = 'juliet@localhost'
  const other = 'urn:x:other'
  await run(romeo, 'create', { title: 'Teacher', uri: teacher })
  await run(romeo, 'create', { title: 'Other', uri: other })
  assert.deepEqual(await shown('assign', { jid, uri: teacher }), [['Teacher']])
  assert.deepEqual(await shown('assign', { jid, uri: other }), [['Teacher', 'Other']])
  assert.deepEqual(await shown('create', { title: 'Professor', uri: teacher }), [['Professor', 'Other']])
  assert.deepEqual(await shown('unassign', { jid, uri: other }), [['Professor']])
  assert.deepEqual(await shown('destroy', { uri: teacher }), [[]])
  assert.deepEqual(await answer(romeo, 'list-assigned'), [])
  assert.deepEqual(await answer(romeo, 'list'), [['Other', other, '']])
  assert.deepEqual(await shown('create', { title: 'Teacher', uri: teacher }), [], 'nobody wears a new one')
})

test('hats that clients put on by themselves are taken off, several and their own are not mixed', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await run(romeo, 'create', { title: 'Teacher', uri: teacher })
  await run(romeo, 'assign', { jid: 'juliet@localhost', uri: teacher })
  romeo.takeAll()
  const juliet = await local.connect('juliet@localhost/home')
  const forged = `<hats xmlns='${namespace}'><hat title='Pope' uri='urn:x:pope'/></hats>`
  await juliet.send(
    `<presence to='${room}/juliet'>${forged}<x xmlns='http://jabber.org/protocol/muc'/>${forged}</presence>`,
  )
  await juliet.send(`<presence to='${room}/juliet'>${forged}</presence>`)
  assert.deepEqual(romeo.takeAll().map(hatsIn), [['Teacher'], ['Teacher']])
})

test('hats are for admins; lists for those inside, with addresses only for those who may see them', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await administer(romeo, `<item affiliation='admin' jid='nurse@localhost'/>`)
  const nurse = await local.connect('nurse@localhost/home')
  const juliet = await inside(local, 'juliet')
  const outside = await local.connect('paris@localhost/home')
  const hat = { title: 'Teacher', uri: teacher }
  const given = { jid: 'juliet@localhost', uri: teacher }
  for (const name of ['create', 'destroy', 'assign', 'unassign']) {
    assert.equal(await answer(juliet, name, { ...hat, ...given }), 'forbidden', name)
    assert.equal(await answer(nurse, name), 'executing', name)
  }
  assert.equal(await answer(nurse, 'create', hat), 'completed')
  assert.equal(await answer(nurse, 'assign', given), 'completed')
  assert.deepEqual(await answer(juliet, 'list'), [['Teacher', teacher, '']])
  assert.equal(await answer(outside, 'list'), 'forbidden')
  assert.equal(await answer(juliet, 'list-assigned'), 'forbidden')
  assert.deepEqual(await answer(nurse, 'list-assigned'), [['juliet@localhost', teacher, 'Teacher', '']])
})

test('what cannot be is refused, and there are not too many hats', async () => {
  await using local = await start({
    options: { hats: { hats: 2, wearers: 1, hatsPerWearer: 1, titleLength: 10, uriLength: 20 } },
  })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const create = (title: string, uri: string, hue = '') => answer(romeo, 'create', { title, uri, hue })
  assert.equal(await create('', 'urn:x:1'), 'not-acceptable')
  assert.equal(await create('elevenchars', 'urn:x:1'), 'not-acceptable')
  assert.equal(await create('a', '__proto__'), 'not-acceptable')
  assert.equal(await create('a', `urn:x:${'1'.repeat(20)}`), 'not-acceptable')
  assert.equal(await create('a', 'urn:x:1', '361'), 'not-acceptable')
  assert.equal(await create('a', 'urn:x:1', '360'), 'completed')
  assert.equal(await create('b', 'urn:x:2'), 'completed')
  assert.equal(await create('c', 'urn:x:3'), 'resource-constraint')
  const assign = (jid: string, uri: string) => answer(romeo, 'assign', { jid, uri })
  assert.equal(await assign('localhost', 'urn:x:1'), 'not-acceptable')
  assert.equal(await assign('juliet@localhost', 'urn:x:9'), 'item-not-found')
  assert.equal(await assign('juliet@localhost', 'urn:x:1'), 'completed')
  assert.equal(await assign('juliet@localhost', 'urn:x:2'), 'resource-constraint')
  assert.equal(await assign('nurse@localhost', 'urn:x:1'), 'resource-constraint')
  assert.equal(await answer(romeo, 'unassign', { jid: 'nurse@localhost', uri: 'urn:x:1' }), 'item-not-found')
  assert.equal(await answer(romeo, 'dance'), 'item-not-found')
})

test('hats of a room that lasts are there after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hats-'))
  try {
    {
      await using local = await start({ storage: sqlite(join(folder, 'data.db')) })
      const romeo = await inside(local, 'romeo')
      await open(romeo, { persistentroom: '1' })
      await run(romeo, 'create', { title: 'Teacher', uri: teacher })
      await run(romeo, 'assign', { jid: 'juliet@localhost', uri: teacher })
    }
    await using local = await start({ storage: sqlite(join(folder, 'data.db')) })
    const juliet = await local.connect('juliet@localhost/home')
    await enter(juliet, 'juliet')
    assert.deepEqual(hatsIn(juliet.takeAll()[0]), ['Teacher'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('§2: rooms say so, with a hash that changes with the hats', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const info = 'http://jabber.org/protocol/disco#info'
  const hash = async () => {
    romeo.takeAll()
    await romeo.send(`<iq type='get' id='d' to='${room}'><query xmlns='${info}'/></iq>`)
    const query = romeo.takeAll()[0]?.child('query', info)
    assert.ok(query?.elements('feature').some((feature) => feature.attribute('var') === namespace))
    const fields = query?.child('x', 'jabber:x:data')?.elements('field')
    return fields?.find((field) => field.attribute('var') === 'hats#hash')?.child('value')?.text
  }
  assert.equal(await hash(), undefined)
  await run(romeo, 'create', { title: 'Teacher', uri: teacher })
  const first = await hash()
  assert.match(first ?? '', /^[0-9a-f]{40}$/)
  await run(romeo, 'create', { title: 'Professor', uri: teacher })
  assert.notEqual(await hash(), first)
})
