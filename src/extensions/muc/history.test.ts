import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enter, romeoInside, roomServer, say, told } from '../../../test/rooms.ts'
import { jid } from '../../jid/jid.ts'
import { Message } from '../../stanza/stanza.ts'
import { element } from '../../xml/element.ts'
import { History, parseHistoryRequest } from './history.ts'

const room = jid('room@rooms.localhost')
const now = Date.UTC(2026, 0, 1, 12)
const minute = 60_000

const said = (text: string) =>
  new Message('groupchat', {
    from: jid('room@rooms.localhost/romeo'),
    children: [element('body', 'jabber:client', {}, text)],
  })

/** Five messages, one a minute, the last now. */
function five(maxBytes = 100_000): History {
  const history = new History(room, maxBytes)
  for (let index = 1; index <= 5; index += 1) history.add(said(`${index}`), now - (5 - index) * minute, 100)
  return history
}

const asked = (attributes: Record<string, string>, max = 100) =>
  five()
    .find(
      parseHistoryRequest(
        element(
          'x',
          'http://jabber.org/protocol/muc',
          {},
          element('history', 'http://jabber.org/protocol/muc', attributes),
        ),
        now,
        max,
      ),
    )
    .map((message) => message.child('body')?.text)
    .join('')

for (const [attributes, expected, max] of [
  [{}, '12345'],
  [{}, '345', 3],
  [{ maxstanzas: '2' }, '45'],
  [{ maxstanzas: '0' }, ''],
  [{ maxstanzas: '2147483648' }, '12345'],
  [{ maxstanzas: '999999999999999999999' }, '12345'],
  [{ maxstanzas: '-1' }, '12345'],
  [{ maxstanzas: 'many' }, '12345'],
  [{ maxchars: '0' }, ''],
  [{ maxchars: '400' }, '45'],
  [{ seconds: '60' }, '45'],
  [{ seconds: '0' }, '5'],
  [{ since: '2026-01-01T11:58:00Z' }, '345'],
  [{ since: '2026-01-01T13:58:00+02:00' }, '345'],
  [{ since: 'yesterday' }, '12345'],
  [{ since: '9999-01-01T00:00:00Z' }, ''],
  [{ since: '2026-01-01T11:58:00Z', maxstanzas: '1' }, '5'],
  [{ seconds: '120', maxstanzas: '4' }, '345'],
] as [Record<string, string>, string, number?][]) {
  test(`XEP-0045 §7.2.14: ${JSON.stringify(attributes)}, at most ${max ?? 'any number'}: ${expected || 'nothing'}`, () => {
    assert.equal(asked(attributes, max), expected)
  })
}

test('XEP-0045 §7.2.13: history says when it was said, and that the room says so', () => {
  const [first] = five().find(parseHistoryRequest(undefined, now, 100))
  const delay = first?.child('delay', 'urn:xmpp:delay')
  assert.deepEqual(
    [delay?.attribute('from'), delay?.attribute('stamp')],
    [room.toString(), '2026-01-01T11:56:00Z'],
  )
})

test('history has a length and a size', () => {
  const history = new History(room, 1000)
  for (let index = 0; index < 50; index += 1) history.add(said(`${index}`), now, 4)
  assert.equal(history.length, 4)
  for (let index = 0; index < 50; index += 1) history.add(said('x'.repeat(300)), now, 4)
  assert.equal(history.length, 2, 'of 1000 bytes')
  history.add(said('x'.repeat(2000)), now, 4)
  assert.equal(history.length, 0, 'one that is too long is not kept')
})

test('a room gives no more history than the service, whatever its owner says', async () => {
  await using local = await roomServer({ muc: { historyLength: 2 } })
  const romeo = await romeoInside(local, { 'muc#maxhistoryfetch': '50' })
  for (const text of ['1', '2', '3']) await say(romeo, text)
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  assert.deepEqual(told(juliet).slice(2), ['romeo: 2', 'romeo: 3', 'subject'])
})
