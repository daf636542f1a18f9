// XEP-0045 §7.6: nicks, and changing them.
import type { Jid } from '../../jid/jid.ts'
import { type Conference, refusal } from './conference.ts'
import type { Entry } from './lines.ts'
import type { Seat } from './occupant.ts'
import { announce, announceNickChange, contentOf } from './presence.ts'
import type { Room } from './room.ts'

/**
 * Whether an account may have a nick in a room.
 * @throws StanzaError if it is absent, invisible, too long or somebody else's
 */
export function checkNick({ options }: Conference, room: Room, nick: Jid, from: Jid): void {
  const { resource } = nick
  if (resource === '') throw refusal(room, 'jid-malformed', 'a nick is needed')
  // XEP-0045 §13.1.3: a nick that cannot be seen would be nobody's.
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(resource)) {
    throw refusal(room, 'jid-malformed', 'a nick must have something to see')
  }
  if (resource.length > options.nickLength) {
    throw refusal(room, 'not-acceptable', `a nick has at most ${options.nickLength} characters`)
  }
  if (room.isNickOfOther(resource, from.bare)) throw refusal(room, 'conflict', 'that nick is taken')
}

/** Gives an occupant, with all clients that share its nick, another one. */
export function changeNick(conference: Conference, { room, presence, nick }: Entry, seat: Seat): void {
  const { occupant } = seat
  checkNick(conference, room, nick, presence.from)
  // Two occupants of one account do not become one.
  if (room.occupant(nick.resource)) throw refusal(room, 'conflict', 'that nick is taken')
  announceNickChange(conference, room, occupant, nick.resource)
  room.rename(occupant, nick)
  occupant.update(seat, contentOf(conference, room, presence))
  announce(conference, room, occupant)
}
