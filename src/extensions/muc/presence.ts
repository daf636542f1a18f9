// XEP-0045 §7.2.2: presence as a room sends it, once for all who see the same of it.
import { mucNamespace, mucUserNamespace } from '../../stanza/namespaces.ts'
import { Presence } from '../../stanza/stanza.ts'
import type { Element, Node } from '../../xml/element.ts'
import type { Affiliation, Role } from './affiliation.ts'
import type { Conference } from './conference.ts'
import { sendWithVersion } from './list-versions.ts'
import { presenceMarks, withoutMarks } from './marks.ts'
import type { Occupant, PresenceContent, Seat } from './occupant.ts'
import type { Room } from './room.ts'
import { type Notice, userElement, type View } from './user-element.ts'

/** What a client's presence says without what only rooms say: `muc`, which holds the password, and `muc#user`. */
export function contentOf(conference: Conference, room: Room, presence: Presence): PresenceContent {
  let children: readonly Node[] = presence.children.filter(
    (node) =>
      typeof node !== 'string' &&
      !(node.name === 'x' && (node.namespace === mucNamespace || node.namespace === mucUserNamespace)),
  )
  for (const stamp of conference.presenceStamps) children = stamp(children, room, presence.from)
  return { children: withoutMarks(conference, room, 'presence', children), lang: presence.lang }
}

/** Tells everybody of an occupant as it is now: those who may see it, and always its own clients. */
export function announce(conference: Conference, room: Room, occupant: Occupant, notice?: Notice): void {
  announceToSelf(conference, room, occupant, notice)
  if (room.showsPresenceOf(occupant.role)) announceToOthers(conference, room, occupant, notice)
}

/** Tells an occupant's own clients, or those of them that are not `except`. */
export function announceToSelf(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  notice?: Notice,
  except?: Seat,
): void {
  const own = presenceOf(conference, room, occupant, { showsJid: true, isSelf: true }, notice)
  for (const seat of occupant.seats.values()) {
    if (seat !== except) sendWithVersion(conference, seat, own, notice?.version)
  }
}

/** Tells all other occupants. */
export function announceToOthers(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  notice?: Notice,
): void {
  const make = (showsJid: boolean) =>
    notice
      ? presenceOf(conference, room, occupant, { showsJid, isSelf: false }, notice)
      : shownPresence(conference, room, occupant, showsJid)
  sendToOthers(conference, room, occupant, make, notice?.version)
}

/** An occupant's presence as `viewer` sees it: one's own address is no secret to oneself. */
export function shownTo(conference: Conference, room: Room, viewer: Occupant, occupant: Occupant): Presence {
  return shownPresence(conference, room, occupant, viewer === occupant || room.showsJidsTo(viewer.role))
}

/** Shows a client all other occupants, as far as the room shows them. */
export function showOthersTo(conference: Conference, room: Room, seat: Seat): void {
  for (const occupant of room.occupantsByNick.values()) {
    if (occupant === seat.occupant || !room.showsPresenceOf(occupant.role)) continue
    conference.share(shownTo(conference, room, seat.occupant, occupant), seat.jid)
  }
}

function shownPresence(conference: Conference, room: Room, occupant: Occupant, showsJid: boolean): Presence {
  return occupant.shown(showsJid ? 'full' : 'plain', () =>
    presenceOf(conference, room, occupant, { showsJid, isSelf: false }, undefined),
  )
}

/** The others are told of an occupant, as it is then, when the turn ends; `isNew`: it has just come. */
export function announceToOthersLater(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  isNew = false,
): void {
  if (!room.showsPresenceOf(occupant.role)) return
  conference.news.shows(room, occupant, isNew, (showsJid) =>
    shownPresence(conference, room, occupant, showsJid),
  )
}

/** An occupant leaves of its own accord, or cannot be reached: its clients are told now, the others when the turn ends. */
export function announceOwnLeaving(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  notice: Notice,
): void {
  const affiliation = room.affiliationOf(occupant.bare)
  const make = (view: View) => unavailable(conference, room, occupant, affiliation, 'none', view, notice)
  const own = make({ showsJid: true, isSelf: true })
  for (const seat of occupant.seats.values()) conference.send(own.with({ to: seat.jid }))
  if (!room.showsPresenceOf(occupant.role)) return
  // Now: it will have no client any more whose address could be shown.
  const full = make({ showsJid: true, isSelf: false })
  let plain: Presence | undefined
  conference.news.leaves(room, occupant, (showsJid) => {
    if (showsJid) return full
    plain ??= make({ showsJid: false, isSelf: false })
    return plain
  })
}

/** Tells everybody that an occupant is gone, itself first: all its clients, while they still have their seats. */
export function announceLeaving(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  notice: Notice,
  affiliation: Affiliation = room.affiliationOf(occupant.bare),
): void {
  const leave = (view: View) => unavailable(conference, room, occupant, affiliation, 'none', view, notice)
  tellOfAbsence(conference, room, occupant, leave, notice.version)
}

/** Tells the others that an occupant is gone, which is still here but shown to them no longer. */
export function announceHiding(conference: Conference, room: Room, occupant: Occupant): void {
  const affiliation = room.affiliationOf(occupant.bare)
  sendToOthers(conference, room, occupant, (showsJid) =>
    unavailable(conference, room, occupant, affiliation, 'none', { showsJid, isSelf: false }, {}),
  )
}

/** XEP-0045 §7.6: the old nick goes, and says which is the new one; role and affiliation stay. */
export function announceNickChange(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  newNick: string,
): void {
  const notice: Notice = { codes: [303], newNick }
  const affiliation = room.affiliationOf(occupant.bare)
  tellOfAbsence(conference, room, occupant, (view) =>
    unavailable(conference, room, occupant, affiliation, occupant.role, view, notice),
  )
}

/** The unavailable presence for one client that leaves, and is told so itself (XEP-0045 §7.14). */
export function ownLeaving(conference: Conference, room: Room, seat: Seat, notice: Notice): Presence {
  const { occupant } = seat
  const view = { showsJid: true, isSelf: true, seat }
  return unavailable(
    conference,
    room,
    occupant,
    room.affiliationOf(occupant.bare),
    'none',
    view,
    notice,
  ).with({ to: seat.jid })
}

/** Presence for an occupant's own client, with the codes that go before the `<item/>`. */
export function selfPresence(
  conference: Conference,
  room: Room,
  seat: Seat,
  codes: readonly number[],
  id?: string,
  extra?: Element,
): Presence {
  const notice = extra ? { codes, extra } : { codes }
  const own = presenceOf(conference, room, seat.occupant, { showsJid: true, isSelf: true }, notice)
  return own.with({ to: seat.jid, id })
}

function tellOfAbsence(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  make: (view: View) => Presence,
  version?: Element,
): void {
  const own = make({ showsJid: true, isSelf: true })
  for (const seat of occupant.seats.values()) sendWithVersion(conference, seat, own, version)
  if (!room.showsPresenceOf(occupant.role)) return
  sendToOthers(conference, room, occupant, (showsJid) => make({ showsJid, isSelf: false }), version)
}

/** Makes one presence for those who see real addresses and one for those who do not, and sends them. */
function sendToOthers(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  make: (showsJid: boolean) => Presence,
  version?: Element,
): void {
  conference.news.flush(room)
  let full: Presence | undefined
  let plain: Presence | undefined
  for (const seat of room.seats.values()) {
    if (seat.occupant === occupant) continue
    const showsJid = room.showsJidsTo(seat.occupant.role)
    let presence: Presence
    if (showsJid) presence = full ??= make(true)
    else presence = plain ??= make(false)
    if (version) sendWithVersion(conference, seat, presence, version)
    else conference.share(presence, seat.jid)
  }
}

function presenceOf(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  view: View,
  notice: Notice | undefined,
): Presence {
  const x = userElement(occupant, room.affiliationOf(occupant.bare), occupant.role, view, notice)
  const content = occupant.primary?.content
  return new Presence('available', {
    from: occupant.jid,
    lang: content?.lang,
    children: [...(content?.children ?? []), x, ...presenceMarks(conference, room, occupant.bare)],
  })
}

function unavailable(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  affiliation: Affiliation,
  role: Role,
  view: View,
  notice: Notice,
): Presence {
  return new Presence('unavailable', {
    from: occupant.jid,
    lang: notice.content?.lang,
    children: [
      ...(notice.content?.children ?? []),
      userElement(occupant, affiliation, role, view, notice),
      ...presenceMarks(conference, room, occupant.bare),
    ],
  })
}
