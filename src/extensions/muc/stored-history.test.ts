import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { configure, enter, inside, open, room, roomServer, say, told } from '../../../test/rooms.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'

/** Runs `first` on one server and `then` on the next one that has the same storage. */
async function overRestart(
  first: (local: InMemory) => Promise<void>,
  then: (local: InMemory) => Promise<void>,
  muc: readonly [object, object] = [{}, {}],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'room-history-'))
  try {
    for (const [index, step] of [first, then].entries()) {
      await using local = await roomServer({
        muc: muc[index] ?? {},
        storage: sqlite(join(folder, 'data.db')),
      })
      await step(local)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function historyFor(local: InMemory, name: string): Promise<Element[]> {
  const client = await local.connect(`${name}@localhost/home`)
  await enter(client, name)
  return client
    .takeAll()
    .filter((stanza) => stanza.name === 'message' && stanza.child('delay', 'urn:xmpp:delay'))
}

const bodies = (messages: readonly Element[]) => messages.map((message) => message.child('body')?.text)

test('XEP-0045 §7.2.13: the history of a room that lasts is there after a restart, as it was, and goes on', async () => {
  let before: string[] = []
  const asText = (messages: readonly Element[]) =>
    messages.map((one) =>
      [one.attribute('from'), one.attribute('id'), ...one.elements().map((child) => serialize(child))].join(
        ' ',
      ),
    )
  await overRestart(
    async (local) => {
      const romeo = await inside(local, 'romeo')
      await say(romeo, 'while it is locked and temporary')
      await open(romeo, { persistentroom: '1' })
      await romeo.send(
        `<message to='${room}' type='groupchat' id='m1' xml:lang='en'><body>&lt;two&gt; 💘</body><x xmlns='urn:x'>y</x></message>`,
      )
      local.clock.advance(1000)
      await say(romeo, 'three')
      before = asText(await historyFor(local, 'juliet'))
      assert.equal(before.length, 3)
    },
    async (local) => {
      assert.deepEqual(asText(await historyFor(local, 'juliet')), before)
      const romeo = await inside(local, 'romeo')
      await say(romeo, 'four')
      assert.deepEqual(bodies(await historyFor(local, 'nurse')).slice(1), ['<two> 💘', 'three', 'four'])
    },
  )
})

test('XEP-0045 §7.2.13: no more is kept than the room gives, and less if less is wanted now', async () => {
  await overRestart(
    async (local) => {
      const romeo = await inside(local, 'romeo')
      await open(romeo, { persistentroom: '1', 'muc#maxhistoryfetch': '3' })
      for (const body of ['1', '2', '3', '4', '5']) await say(romeo, body)
    },
    async (local) => {
      assert.deepEqual(bodies(await historyFor(local, 'juliet')), ['4', '5'])
      const romeo = await inside(local, 'romeo')
      await configure(romeo, { 'muc#maxhistoryfetch': '3' })
      await say(romeo, '6')
      assert.deepEqual(bodies(await historyFor(local, 'nurse')), ['5', '6'])
      const kept = local.server.host('rooms.localhost')?.store.collection('muc-rooms')
      const keys = [...((await kept?.all('room')) ?? new Map()).keys()]
      assert.equal(keys.filter((key) => key.startsWith('history ')).length, 2)
    },
    [{}, { historyLength: 2 }],
  )
})

test('a room that becomes temporary keeps nothing, and neither does one where the operator does not want it', async () => {
  for (const options of [{}, { keepHistory: false }]) {
    await overRestart(
      async (local) => {
        const romeo = await inside(local, 'romeo')
        await open(romeo, { persistentroom: '1' })
        await say(romeo, 'one')
        if (!('keepHistory' in options)) {
          await configure(romeo, { persistentroom: '0' })
          await say(romeo, 'two')
          await configure(romeo, { persistentroom: '1' })
          await romeo.send(`<presence to='${room}' type='unavailable'/>`)
          const owner = 'http://jabber.org/protocol/muc#owner'
          await enter(romeo, 'romeo')
          await romeo.send(
            `<iq type='set' id='e' to='${room}'><query xmlns='${owner}'><destroy/></query></iq>`,
          )
          await open(romeo, { persistentroom: '1' })
        }
        told(romeo)
      },
      async (local) => assert.deepEqual(bodies(await historyFor(local, 'juliet')), []),
      [options, options],
    )
  }
})
