import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { enter, inside, romeoInside, room, roomServer, say, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'

const away = `<presence to='${room}/juliet'><show>away</show></presence>`
const leaving = (nick: string) => `<presence to='${room}/${nick}' type='unavailable'/>`

async function opened(local: InMemory): Promise<MemoryClient> {
  const romeo = await romeoInside(local)
  return romeo
}

test('XEP-0045 §7.2.2: those who enter in one turn see each other once, and all others see them once', async () => {
  await using local = await roomServer()
  const romeo = await opened(local)
  const clients = await Promise.all(['a', 'b', 'c'].map((name) => local.connect(`${name}@localhost/home`)))
  await Promise.all(clients.map((client) => enter(client, client.jid.local)))
  assert.deepEqual(told(romeo).toSorted(), ['a participant', 'b participant', 'c participant'])
  for (const client of clients) {
    const others = told(client).filter((line) => /^[abc] participant$/.test(line))
    assert.deepEqual(
      others.toSorted(),
      ['a', 'b', 'c'].filter((name) => name !== client.jid.local).map((name) => `${name} participant`),
    )
  }
})

test('XEP-0045 §7.7: of several changes in one turn the others see the last', async () => {
  await using local = await roomServer()
  const romeo = await opened(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  await Promise.all(
    [away, away.replace('away', 'dnd'), away.replace('away', 'xa')].map((one) => juliet.send(one)),
  )
  assert.deepEqual(
    romeo.takeAll().map((stanza) => stanza.child('show')?.text),
    ['xa'],
  )
  assert.equal(told(juliet).length, 3, 'each is confirmed to who made it')
})

test('XEP-0045 §7.14: who comes and goes in one turn is no news to those who never saw it', async () => {
  await using local = await roomServer()
  const romeo = await opened(local)
  const juliet = await local.connect('juliet@localhost/home')
  const nurse = await local.connect('nurse@localhost/home')
  await Promise.all([enter(juliet, 'juliet'), juliet.send(leaving('juliet'))])
  assert.deepEqual(told(romeo), [])
  await Promise.all([enter(juliet, 'juliet'), enter(nurse, 'nurse'), juliet.send(leaving('juliet'))])
  assert.deepEqual(told(romeo), ['nurse participant'])
  assert.deepEqual(
    told(nurse).filter((line) => line.includes('juliet')),
    ['juliet participant', '-juliet'],
    'who saw it come sees it go',
  )
})

test('XEP-0045 §7.14: those who are lost together are not told of each other, and who stays of all', async () => {
  await using local = await roomServer()
  const romeo = await opened(local)
  const names = ['a', 'b', 'c', 'd']
  const clients = await Promise.all(names.map((name) => inside(local, name)))
  told(romeo)
  for (const client of clients) client.takeAll()
  for (const client of clients) client.close()
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(told(romeo).toSorted(), ['-a', '-b', '-c', '-d'])
  for (const client of clients) assert.deepEqual(told(client), [])
})

test('XEP-0045 §7.2.2: who says something in the turn in which it came is seen before it is heard', async () => {
  await using local = await roomServer()
  const romeo = await opened(local)
  const juliet = await local.connect('juliet@localhost/home')
  await Promise.all([enter(juliet, 'juliet'), say(juliet, 'hist'), juliet.send(leaving('juliet'))])
  assert.deepEqual(told(romeo), ['juliet participant', 'juliet: hist', '-juliet'])
})

test('XEP-0045 §7.6: a nick is changed after what was to be told of it before', async () => {
  await using local = await roomServer()
  const romeo = await opened(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  await Promise.all([juliet.send(away), juliet.send(away.replace('/juliet', '/capulet'))])
  assert.deepEqual(told(romeo), ['juliet participant', '-juliet 303', 'capulet participant'])
})
