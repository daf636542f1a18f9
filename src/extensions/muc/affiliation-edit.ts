// XEP-0045 §9 and §10.3-10.8: changing the lists of a room, all of a request or nothing of it.
import type { Jid } from '../../jid/jid.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import { Message } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import { type Affiliation, isAtLeast, roleAfterChange } from './affiliation.ts'
import type { AffiliationEdit } from './affiliation-check.ts'
import type { Conference } from './conference.ts'
import { inviteTo } from './invite.ts'
import { removeOccupant } from './leave.ts'
import { sendWithVersion } from './list-versions.ts'
import type { Occupant } from './occupant.ts'
import { announce, announceHiding, showOthersTo } from './presence.ts'
import type { Room } from './room.ts'
import { type Actor, type Notice, status } from './user-element.ts'

/**
 * Makes changes that have been checked, and tells everybody, and new members of a room for members only by an
 * invitation. What is to be kept is for the caller to keep.
 */
export function applyAffiliationEdits(
  conference: Conference,
  room: Room,
  edits: readonly AffiliationEdit[],
  actor: Actor | undefined,
  { invites = true } = {},
): void {
  const before = new Map<Occupant, Affiliation>()
  for (const occupant of room.occupantsByNick.values())
    before.set(occupant, room.affiliationOf(occupant.bare))
  const editByAddress = new Map<string, AffiliationEdit>()
  const affiliationBefore = new Map<string, Affiliation>()
  for (const edit of edits) {
    const address = edit.jid.toString()
    editByAddress.set(address, edit)
    affiliationBefore.set(address, room.affiliations.entry(address)?.affiliation ?? 'none')
    setEntry(room, address, edit)
  }
  for (const [address, { jid, affiliation: now }] of editByAddress) {
    const before = affiliationBefore.get(address) ?? 'none'
    if (before !== now) conference.tellAffiliation({ room, address: jid, before, now })
  }
  for (const { jid, nick } of edits) if (nick) evict(conference, room, nick, jid)
  const versionByAddress = new Map<string, Element | undefined>()
  // Counted as they are told, so that each leads from the one before it.
  const versionOf = ({ jid, affiliation }: AffiliationEdit): Element | undefined => {
    const address = jid.toString()
    const before = affiliationBefore.get(address) ?? 'none'
    if (before !== affiliation && !versionByAddress.has(address)) {
      versionByAddress.set(address, conference.listVersions?.next(room, jid, before))
    }
    return versionByAddress.get(address)
  }
  const present = new Set<string>()
  for (const [occupant, affiliation] of before) {
    if (room.occupant(occupant.nick) !== occupant) continue
    const address = occupant.bare.toString()
    const edit = editByAddress.get(address) ?? editByAddress.get(occupant.bare.domain)
    const isMeant = editByAddress.has(address) || room.affiliationOf(occupant.bare) !== affiliation
    if (!edit || !isMeant) continue
    const version = versionOf(edit)
    changeOccupant(conference, room, occupant, affiliation, { actor, reason: edit.reason, version })
    present.add(address)
  }
  for (const [address, edit] of editByAddress) {
    if (present.has(address)) continue
    tellOfAbsent(conference, room, edit, versionOf(edit))
    if (invites) tellOneself(conference, room, edit, affiliationBefore.get(address) ?? 'none')
  }
}

/** Tells somebody who is not in the room what has changed: by an invitation where there is reason for one. */
function tellOneself(
  conference: Conference,
  room: Room,
  { jid, affiliation, reason }: AffiliationEdit,
  before: Affiliation,
): void {
  if (affiliation === before || jid.local === '') return
  const isNew = isAtLeast(affiliation, 'member') && !isAtLeast(before, 'member')
  // XEP-0045 §9.3: who becomes a member of a room for members only is invited.
  if (isNew && room.isMembersOnly) {
    inviteTo(conference, room, jid, room.jid, reason)
    return
  }
  // XEP-0045 §18.1: others learn of it by a message without words, so that nobody is bothered.
  const x = element(
    'x',
    mucUserNamespace,
    {},
    status(101),
    element('item', mucUserNamespace, { affiliation }),
  )
  conference.send(new Message('normal', { from: room.jid, to: jid, children: [x] }))
}

/** Sends away whoever uses a nick that is reserved for another now. */
function evict(conference: Conference, room: Room, nick: string, owner: Jid): void {
  const user = room.occupant(nick)
  if (!user || user.bare.equals(owner)) return
  removeOccupant(conference, room, user, { codes: [307], reason: 'This nickname is reserved' })
}

/** XEP-0045 §10.2: the room is for members only from now on, and those who are none leave. */
export function removeNonMembers(conference: Conference, room: Room): void {
  for (const occupant of [...room.occupantsByNick.values()]) {
    if (room.admits(room.affiliationOf(occupant.bare))) continue
    removeOccupant(conference, room, occupant, { codes: [322] })
  }
}

function setEntry(room: Room, address: string, { affiliation, nick, reason }: AffiliationEdit): void {
  const present = room.affiliations.entry(address)
  if (affiliation !== (present?.affiliation ?? 'none')) room.voices.forget(address)
  // XEP-0045 §9.1: who is banned loses the reserved nick.
  const kept = nick === undefined ? present?.nick : nick
  const reserved = affiliation === 'outcast' ? undefined : (kept ?? undefined)
  room.affiliations.set(address, {
    affiliation,
    ...(reserved === undefined ? {} : { nick: reserved }),
    ...(reason ? { reason } : {}),
  })
}

function changeOccupant(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  before: Affiliation,
  notice: Notice,
): void {
  const now = room.affiliationOf(occupant.bare)
  if (!room.admits(now)) {
    const code = now === 'outcast' ? 301 : 321
    removeOccupant(conference, room, occupant, { ...notice, codes: [code] })
    return
  }
  const sawJids = room.showsJidsTo(occupant.role)
  changeRole(
    conference,
    room,
    occupant,
    roleAfterChange(occupant.role, before, now, room.isModerated),
    notice,
  )
  // XEP-0045 §7.2.4: who may see real addresses from now on, or no longer, gets to see the others as they are now.
  if (room.showsJidsTo(occupant.role) === sawJids) return
  for (const seat of occupant.seats.values()) showOthersTo(conference, room, seat)
}

/** Gives an occupant a role, and tells those who may see it; if others may no longer, it is gone for them. */
export function changeRole(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  role: Occupant['role'],
  notice: Notice,
): void {
  const wasShown = room.showsPresenceOf(occupant.role)
  occupant.role = role
  announce(conference, room, occupant, notice)
  if (wasShown && !room.showsPresenceOf(role)) announceHiding(conference, room, occupant)
}

// XEP-0045 §9.3: those who see real addresses are told of changes to somebody who is not here.
function tellOfAbsent(
  conference: Conference,
  room: Room,
  { jid, affiliation, reason }: AffiliationEdit,
  version: Element | undefined,
): void {
  const item = element(
    'item',
    mucUserNamespace,
    { affiliation, jid: jid.toString() },
    reason ? element('reason', mucUserNamespace, {}, reason) : undefined,
  )
  const message = new Message('normal', {
    from: room.jid,
    // A ban has its code wherever its victim is.
    children: [element('x', mucUserNamespace, {}, affiliation === 'outcast' ? status(301) : undefined, item)],
  })
  for (const seat of room.seats.values()) {
    if (room.showsJidsTo(seat.occupant.role)) sendWithVersion(conference, seat, message, version)
  }
}
