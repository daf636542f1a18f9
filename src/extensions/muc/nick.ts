// XEP-0045 §7.6: nicks, and changing them.
import type { Jid } from '../../jid/jid.ts'
import { isAtLeast } from './affiliation.ts'
import { type Conference, refusal } from './conference.ts'
import type { Entry } from './lines.ts'
import type { Seat } from './occupant.ts'
import { announce, announceNickChange, contentOf } from './presence.ts'
import type { Room } from './room.ts'
import { canChangeNick, reservedNickOnly } from './settings/nicks.ts'

/**
 * Whether an account may have a nick in a room.
 * @throws StanzaError if it is absent, invisible, too long or somebody else's
 */
export function checkNick({ options }: Conference, room: Room, nick: Jid, from: Jid): void {
  const { resource } = nick
  if (resource === '') throw refusal(room, 'jid-malformed', 'a nick is needed')
  // XEP-0045 §17.1: a nick that cannot be seen would be nobody's.
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(resource)) {
    throw refusal(room, 'jid-malformed', 'a nick must have something to see')
  }
  if (resource.length > options.nickLength) {
    throw refusal(room, 'not-acceptable', `a nick has at most ${options.nickLength} characters`)
  }
  if (room.isNickOfOther(resource, from.bare)) throw refusal(room, 'conflict', 'that nick is taken')
}

/** XEP-0045 §7.12: the nick that somebody has to use in a room, if there is one. */
function lockedNick(room: Room, account: Jid): Jid | undefined {
  if (!room.config.get(reservedNickOnly)) return undefined
  const nick = room.affiliations.entry(account.bare.toString())?.nick
  return nick === undefined ? undefined : room.jid.withResource(nick)
}

/** XEP-0045 §7.2.2: who enters under another nick than the locked one gets that, and is told so. */
export function lockNick(entry: Entry): void {
  const locked = lockedNick(entry.room, entry.presence.from)
  if (!locked || locked.equals(entry.nick) || entry.nick.isBare) return
  entry.nick = locked
  entry.codes.push(210)
}

// XEP-0045 §7.6: where nicks are locked down, they do not change.
function checkChange(room: Room, from: Jid, nick: Jid): void {
  const locked = lockedNick(room, from)
  const isFixed = locked ? !locked.equals(nick) : !room.config.get(canChangeNick)
  if (isFixed && (locked || !isAtLeast(room.affiliationOf(from), 'admin'))) {
    throw refusal(room, 'not-acceptable', 'nicks do not change in this room', 'cancel')
  }
}

/** Gives an occupant, with all clients that share its nick, another one. */
export function changeNick(conference: Conference, { room, presence, nick }: Entry, seat: Seat): void {
  const { occupant } = seat
  checkChange(room, presence.from, nick)
  checkNick(conference, room, nick, presence.from)
  // Two occupants of one account do not become one.
  if (room.occupant(nick.resource)) throw refusal(room, 'conflict', 'that nick is taken')
  announceNickChange(conference, room, occupant, nick.resource)
  room.rename(occupant, nick)
  occupant.update(seat, contentOf(conference, room, presence))
  announce(conference, room, occupant)
}
