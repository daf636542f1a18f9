// XEP-0313 §6.1.2: who may read the archive of a room, and what of it.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { ArchiveQuery } from '../../storage/storage.ts'
import { isAtLeast, type Room } from '../muc/muc.ts'

/**
 * Lets those read who are inside or may enter now; where a password is needed that is the members, who were told it.
 * @throws StanzaError forbidden, or service-unavailable where nothing is kept
 */
export function checkReader(room: Room, reader: Jid, isKept: boolean): void {
  const affiliation = room.affiliationOf(reader)
  const mayEnter = room.admits(affiliation) && (!room.isPasswordProtected || isAtLeast(affiliation, 'member'))
  if (!mayEnter && !room.seatOf(reader)) {
    throw new StanzaError('forbidden', 'you may not enter this room', { by: room.jid })
  }
  if (!isKept) throw new StanzaError('service-unavailable', 'this room keeps nothing', { by: room.jid })
}

/** Of whom somebody sees the real address: of everybody, of those who spoke when everybody did, or of nobody. */
export type AddressView = 'all' | 'public' | 'none'

/** Whose real addresses a reader sees. Who spoke while they were hidden did not agree to have them shown to all. */
export function seesAddresses(room: Room, reader: Jid): AddressView {
  if (room.roleOf(reader) === 'moderator') return 'all'
  return room.isNonAnonymous ? 'public' : 'none'
}

/**
 * §4.1.1: whose messages are asked for must not tell who is behind a nick.
 * @throws StanzaError forbidden where that is not for the reader, feature-not-implemented for nicks
 */
export function checkParty(room: Room, reader: Jid, { with: party, resource }: ArchiveQuery): void {
  const jid = party === undefined ? undefined : parseJid(party)
  if (jid?.equals(room.jid) && resource !== undefined) {
    throw new StanzaError('feature-not-implemented', 'nicks change; ask for an address', { by: room.jid })
  }
  if (!jid || jid.equals(reader.bare) || jid.equals(room.jid)) return
  // Messages from before, when addresses were hidden, would be found as well.
  if (seesAddresses(room, reader) === 'all') return
  throw new StanzaError('forbidden', 'only moderators look for what somebody said', { by: room.jid })
}
