import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { configure, room, roomServer } from '../../../test/rooms.ts'
import { type Log, silentLog } from '../../base/log.ts'
import type { Host } from '../../host/host.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'
import { muc } from './muc.ts'
import type { Room } from './room.ts'

const namespace = 'http://jabber.org/protocol/muc'
const people = ['romeo', 'juliet', 'tybalt']
const nicks = [...people, '__proto__', 'x']

const nick = fc.constantFrom(...nicks)
const jid = fc.constantFrom('romeo@localhost', 'juliet@localhost/r', 'tybalt@localhost', 'localhost', '@', '')
const affiliation = fc.constantFrom('owner', 'admin', 'member', 'none', 'outcast', 'king')
const role = fc.constantFrom('moderator', 'participant', 'visitor', 'none', 'king')
const value = fc.constantFrom('0', '1', '', 'anyone', 'moderators', 'visitor', '2', 'none', 'romeo@localhost')
const field = fc.constantFrom(
  'membersonly',
  'moderatedroom',
  'whois',
  'roomsecret',
  'passwordprotectedroom',
  'persistentroom',
  'maxusers',
  'allowpm',
  'roomowners',
  'roomadmins',
  'unheard',
)

const join = (to: string, inside = '') =>
  `<presence to='${room}/${to}'><x xmlns='${namespace}'>${inside}</x></presence>`
const submit = (inside: string) =>
  `<iq to='${room}' type='set' id='f'><query xmlns='${namespace}#owner'><x xmlns='jabber:x:data' type='submit'>${inside}</x></query></iq>`

const enter = fc
  .tuple(nick, fc.constantFrom('', '<password>1</password>', `<history maxstanzas='1'/>`))
  .map(([to, inside]) => join(to, inside))
const presence = fc
  .tuple(fc.constantFrom('', `type='unavailable'`, `type='error'`, `type='probe'`), nick)
  .map(([type, to]) => `<presence to='${room}/${to}' ${type}/>`)
const message = fc
  .tuple(
    fc.constantFrom('groupchat', 'chat', 'error', 'normal'),
    fc.constantFrom('', '/romeo', '/x'),
    fc.constantFrom(
      '<body>x</body>',
      '<subject>x</subject>',
      `<x xmlns='${namespace}#user'><invite to='tybalt@localhost'/></x>`,
      '',
    ),
  )
  .map(([type, to, inside]) => `<message to='${room}${to}' type='${type}'>${inside}</message>`)
const admin = fc
  .array(
    fc.oneof(
      fc
        .tuple(affiliation, jid, fc.option(nick))
        .map(
          ([given, to, own]) => `affiliation='${given}' jid='${to}'${own === null ? '' : ` nick='${own}'`}`,
        ),
      fc.tuple(role, nick).map(([given, to]) => `role='${given}' nick='${to}'`),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map(
    (items) =>
      `<iq to='${room}' type='set' id='f'><query xmlns='${namespace}#admin'>${items.map((item) => `<item ${item}/>`).join('')}</query></iq>`,
  )
const config = fc
  .array(fc.tuple(field, fc.array(value, { maxLength: 2 })), { maxLength: 3 })
  .map((fields) => {
    const inside = fields.map(
      ([name, values]) =>
        `<field var='muc#roomconfig_${name}'>${values.map((one) => `<value>${one}</value>`).join('')}</field>`,
    )
    return submit(inside.join(''))
  })
const register = fc
  .tuple(nick)
  .map(
    ([own]) =>
      `<iq to='${room}' type='set' id='f'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${namespace}#register</value></field><field var='muc#register_roomnick'><value>${own}</value></field></x></query></iq>`,
  )
const other = fc.constantFrom(
  `<iq to='${room}' type='get' id='f'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
  `<iq to='${room}/x' type='get' id='f'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>`,
  `<iq to='${room}' type='set' id='f'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
  `<iq to='${room}' type='set' id='f'><query xmlns='${namespace}#owner'><destroy/></query></iq>`,
)
const step = fc.tuple(
  fc.nat(people.length - 1),
  fc.oneof(
    { weight: 4, arbitrary: enter },
    presence,
    message,
    { weight: 3, arbitrary: admin },
    config,
    register,
    other,
  ),
)

/** What a client thinks: which occupants there are, in which role, and whether it is one of them. */
class View {
  readonly roles = new Map<string, string>()
  readonly own = new Set<string>()

  take(stanza: Element): void {
    assert.ok(
      !stanza
        .child('error')
        ?.elements()
        .some(({ name }) => name === 'internal-server-error'),
    )
    const x = stanza.child('x', `${namespace}#user`)
    if (stanza.name !== 'presence' || stanza.attribute('type') === 'error' || !x) return
    const seen = stanza.attribute('from')?.split('/')[1] ?? ''
    const isOwn = x.elements('status').some((status) => status.attribute('code') === '110')
    if (stanza.attribute('type') !== 'unavailable') {
      this.roles.set(seen, x.child('item')?.attribute('role') ?? '')
      if (isOwn) this.own.add(seen)
      return
    }
    this.roles.delete(seen)
    this.own.delete(seen)
    const isNickChange = x.elements('status').some((status) => status.attribute('code') === '303')
    if (isOwn && !isNickChange) this.roles.clear()
  }
}

function checkRoom(asked: Room | undefined, clients: readonly MemoryClient[], views: readonly View[]): void {
  assert.ok(!asked || asked.affiliations.ownerCount > 0)
  for (const [index, client] of clients.entries()) {
    const view = views[index] as View
    const seat = asked?.seatOf(client.jid)
    assert.deepEqual([...view.own], seat ? [seat.occupant.nick] : [])
    if (!asked || !seat) continue
    const roles = [...asked.occupantsByNick.values()].map((occupant) => [occupant.nick, occupant.role])
    assert.deepEqual(Object.fromEntries(view.roles), Object.fromEntries(roles))
  }
}

test('XEP-0045: whatever clients send, rooms do not fail, have an owner, and show to all who is there', async () => {
  const faults: unknown[] = []
  const log: Log = { ...silentLog, error: (event, data) => faults.push([event, data]), child: () => log }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }), async (steps) => {
      await using local = await roomServer({ log })
      const clients = await Promise.all(people.map((name) => local.connect(`${name}@localhost/r`)))
      const views = clients.map(() => new View())
      const rooms = (local.server.host('rooms.localhost') as Host).extensions.api(muc)
      const opening: [number, string][] = [
        [0, join('romeo')],
        [0, submit('')],
        [1, join('juliet')],
        [2, join('tybalt')],
      ]
      for (const [who, stanza] of [...opening, ...steps]) {
        await clients[who]?.send(stanza)
        for (const [index, client] of clients.entries()) {
          for (const came of client.takeAll()) views[index]?.take(came)
        }
        checkRoom(rooms?.find('room'), clients, views)
      }
      assert.deepEqual(faults, [])
      for (const client of clients) await configure(client)
    }),
    { seed: 45, numRuns: 60 },
  )
})
