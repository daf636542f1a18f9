// XEP-0045 §16.6.2, status code 102: rooms that show members who are not there, as unavailable.
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import { Presence } from '../../stanza/stanza.ts'
import { element } from '../../xml/element.ts'
import { isAtLeast } from './affiliation.ts'
import type { AffiliationEntry } from './affiliations.ts'
import type { Conference } from './conference.ts'
import type { Seat } from './occupant.ts'
import type { Room } from './room.ts'
import { presenceBroadcast } from './settings/presence-broadcast.ts'

/** Tells a client of the members who are not there, if the room shows them. */
export function sendAbsentMembers(conference: Conference, room: Room, seat: Seat): void {
  if (!room.config.get(presenceBroadcast).includes('none')) return
  const present = new Set<string>()
  for (const occupant of room.occupantsByNick.values()) present.add(occupant.bare.toString())
  for (const [address, entry] of room.affiliations.entries()) {
    if (present.has(address) || !isAtLeast(entry.affiliation, 'member')) continue
    const shown = absentMember(room, seat, address, entry)
    if (shown) conference.send(shown)
  }
}

/** The presence of a member who is not there, asked for by the reserved nick; `undefined` if nobody reserved it. */
export function absentOwnerOf(room: Room, seat: Seat, nick: string): Presence | undefined {
  const address = room.affiliations.reservedFor(nick)
  const entry = address === undefined ? undefined : room.affiliations.entry(address)
  return address !== undefined && entry ? absentMember(room, seat, address, entry) : undefined
}

function absentMember(
  room: Room,
  seat: Seat,
  address: string,
  { affiliation, nick }: AffiliationEntry,
): Presence | undefined {
  const showsJid = room.showsJidsTo(seat.occupant.role)
  // Without a nick there is only the address to tell them apart.
  if (nick === undefined && !showsJid) return undefined
  const from = nick === undefined ? undefined : room.jid.withResource(nick)
  const jid = showsJid ? address : undefined
  const item = element('item', mucUserNamespace, { nick, jid, affiliation, role: 'none' })
  return new Presence('unavailable', {
    from: from ?? room.jid,
    to: seat.jid,
    children: [element('x', mucUserNamespace, {}, item)],
  })
}
