// XEP-0045 §8 and §9: muc#admin, with which roles and lists are read and changed.
import { type Jid, parseJid } from '../../jid/jid.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { type Affiliation, isAtLeast, parseAffiliation, parseRole, type Role } from './affiliation.ts'
import { type AffiliationEdit, checkAffiliationEdits } from './affiliation-check.ts'
import { applyAffiliationEdits } from './affiliation-edit.ts'
import type { Conference } from './conference.ts'
import { mucAdminNamespace } from './namespaces.ts'
import { applyRoleEdits, checkRoleEdits, type RoleEdit } from './role-edit.ts'
import type { Room } from './room.ts'
import { getMemberList } from './settings/get-member-list.ts'
import type { Actor } from './user-element.ts'

/** Answers muc#admin for every room. */
export function addAdminRequests(conference: Conference): void {
  conference.iq.add('get', mucAdminNamespace, 'query', (iq, room) => list(room, iq))
  conference.iq.add('set', mucAdminNamespace, 'query', (iq, room) => change(conference, room, iq))
}

/** Who somebody is when acting in a room. */
export function actorOf(room: Room, jid: Jid): Actor {
  const seat = room.seatOf(jid)
  return seat ? { jid: jid.toString(), nick: seat.occupant.nick } : { jid: jid.toString() }
}

function list(room: Room, iq: Iq): Element {
  const [item, ...more] = iq.payload?.elements('item') ?? []
  if (!item || more.length > 0) throw new StanzaError('bad-request', 'one list at a time')
  const affiliation = parseAffiliation(item.attribute('affiliation'))
  const role = parseRole(item.attribute('role'))
  if (affiliation && !role) return listAffiliation(room, iq.from, affiliation)
  if (role && !affiliation) return listRole(room, iq.from, role)
  throw new StanzaError('bad-request', 'a list is of one affiliation or one role')
}

function listAffiliation(room: Room, asker: Jid, affiliation: Affiliation): Element {
  if (!mayReadList(room, asker, affiliation)) throw new StanzaError('forbidden', 'that list is not for you')
  const items = room.affiliations
    .list(affiliation)
    .map(([jid, { nick, reason }]) =>
      element(
        'item',
        mucAdminNamespace,
        { affiliation, jid, nick },
        reason === undefined ? undefined : element('reason', mucAdminNamespace, {}, reason),
      ),
    )
  return element('query', mucAdminNamespace, {}, ...items)
}

/**
 * Whether somebody may read the list of those with an affiliation: admins, and where real addresses are no secret also
 * those who are members or there (XEP-0045 §9.5).
 */
export function mayReadList(room: Room, asker: Jid, affiliation: Affiliation): boolean {
  if (isAtLeast(room.affiliationOf(asker), 'admin')) return true
  const role = room.roleOf(asker)
  if (role === 'none' || affiliation === 'outcast' || affiliation === 'none') return false
  return room.showsJidsTo(role) && room.config.get(getMemberList).includes(role)
}

function listRole(room: Room, asker: Jid, role: Role): Element {
  if (room.roleOf(asker) !== 'moderator') throw new StanzaError('forbidden', 'only moderators may ask that')
  const items: Element[] = []
  for (const occupant of room.occupantsByNick.values()) {
    if (occupant.role !== role) continue
    items.push(
      element('item', mucAdminNamespace, {
        nick: occupant.nick,
        role,
        affiliation: room.affiliationOf(occupant.bare),
        jid: occupant.primary?.jid.toString(),
      }),
    )
  }
  return element('query', mucAdminNamespace, {}, ...items)
}

async function change(conference: Conference, room: Room, iq: Iq): Promise<void> {
  const { options, rooms } = conference
  const items = iq.payload?.elements('item') ?? []
  if (items.length === 0) throw new StanzaError('bad-request', 'nothing to change')
  if (items.length > options.items) {
    throw new StanzaError('policy-violation', `at most ${options.items} changes at a time`)
  }
  const affiliationEdits: AffiliationEdit[] = []
  const roleEdits: RoleEdit[] = []
  for (const item of items) readItem(room, item, options.reasonLength, affiliationEdits, roleEdits)
  // XEP-0045 §9.2: if one of the changes is not allowed, none is made.
  if (affiliationEdits.length > 0) checkAffiliationEdits(conference, room, iq.from, affiliationEdits)
  if (roleEdits.length > 0) checkRoleEdits(room, iq.from, roleEdits)
  const actor = actorOf(room, iq.from)
  applyAffiliationEdits(conference, room, affiliationEdits, actor)
  applyRoleEdits(conference, room, roleEdits, actor)
  if (affiliationEdits.length > 0) {
    await rooms.save(
      room,
      affiliationEdits.map(({ jid }) => jid.toString()),
    )
  }
}

// XEP-0045 §17.4: an item changes an affiliation, of an address, or a role, of a nick.
function readItem(
  room: Room,
  item: Element,
  reasonLength: number,
  affiliationEdits: AffiliationEdit[],
  roleEdits: RoleEdit[],
): void {
  const affiliation = item.attribute('affiliation')
  const role = item.attribute('role')
  if ((affiliation === undefined) === (role === undefined)) {
    throw new StanzaError('bad-request', 'an item has either an affiliation or a role')
  }
  const reason = item.child('reason')?.text.slice(0, reasonLength) || undefined
  if (role === undefined) affiliationEdits.push({ ...readAffiliation(room, item), reason })
  else roleEdits.push({ ...readRole(room, item), reason })
}

function readAffiliation(room: Room, item: Element): AffiliationEdit {
  const affiliation = parseAffiliation(item.attribute('affiliation'))
  if (!affiliation) throw new StanzaError('bad-request', 'no such affiliation')
  const nick = item.attribute('nick')
  const address = item.attribute('jid')
  if (address === undefined) {
    const occupant = nick === undefined ? undefined : room.occupant(nick)
    if (!occupant) throw new StanzaError('item-not-found', 'nobody here has that nick')
    return { jid: occupant.bare, affiliation }
  }
  const jid = parseJid(address)
  if (!jid) throw new StanzaError('jid-malformed', 'that is no address')
  const reserved = nick === undefined ? undefined : room.jid.withResource(nick)?.resource
  if (nick !== undefined && reserved === undefined) throw new StanzaError('jid-malformed', 'that is no nick')
  return { jid: jid.bare, affiliation, nick: reserved }
}

function readRole(room: Room, item: Element): RoleEdit {
  const role = parseRole(item.attribute('role'))
  const nick = item.attribute('nick')
  if (!role || nick === undefined) throw new StanzaError('bad-request', 'a role is given to a nick')
  const occupant = room.occupant(nick)
  if (!occupant) throw new StanzaError('item-not-found', 'nobody here has that nick')
  return { occupant, role }
}
