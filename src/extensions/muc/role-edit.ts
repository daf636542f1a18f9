// XEP-0045 §8.2-8.5 and §9.6-9.8: kicking, voice, and who moderates.
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { affiliations, isAtLeast, type Role } from './affiliation.ts'
import { changeRole } from './affiliation-edit.ts'
import type { Conference } from './conference.ts'
import { removeOccupant } from './leave.ts'
import type { Occupant } from './occupant.ts'
import type { Room } from './room.ts'
import type { Actor } from './user-element.ts'

/** The role somebody is to have; `none` is to leave the room. */
export interface RoleEdit {
  readonly occupant: Occupant
  readonly role: Role
  readonly reason?: string | undefined
}

/**
 * Whether somebody may make all of these changes.
 * @throws StanzaError forbidden or not-allowed
 */
export function checkRoleEdits(room: Room, actor: Jid, edits: readonly RoleEdit[]): void {
  if (room.roleOf(actor) !== 'moderator') throw new StanzaError('forbidden', 'only moderators do that')
  for (const edit of edits) checkOne(room, actor, edit)
}

/** Makes changes that have been checked, and tells everybody. */
export function applyRoleEdits(
  conference: Conference,
  room: Room,
  edits: readonly RoleEdit[],
  actor: Actor,
): void {
  for (const { occupant, role, reason } of edits) {
    // Another change of the same request may have taken the occupant out.
    if (room.occupant(occupant.nick) !== occupant) continue
    remember(room, occupant, role)
    if (role === 'none') removeOccupant(conference, room, occupant, { codes: [307], actor, reason })
    else changeRole(conference, room, occupant, role, { actor, reason })
  }
}

// XEP-0045 §5.1: whoever is kicked loses the voice that was given, but does not get back the one that was taken.
function remember(room: Room, { bare }: Occupant, role: Role): void {
  const address = bare.toString()
  if (role === 'participant' || role === 'visitor') room.voices.note(address, role)
  else if (role === 'moderator' || room.voices.of(address) === 'participant') room.voices.forget(address)
}

function checkOne(room: Room, actor: Jid, { occupant, role }: RoleEdit): void {
  const own = affiliations.indexOf(room.affiliationOf(actor))
  const affiliation = room.affiliationOf(occupant.bare)
  const theirs = affiliations.indexOf(affiliation)
  // XEP-0045 §8.2: nobody is kicked by somebody of lower affiliation.
  if (role === 'none') {
    if (theirs > own) throw new StanzaError('not-allowed', 'that occupant is above you')
    return
  }
  if (role === occupant.role) return
  // XEP-0045 §9.6, §9.7: who moderates is for admins to say.
  if (
    (role === 'moderator' || occupant.role === 'moderator') &&
    !isAtLeast(room.affiliationOf(actor), 'admin')
  ) {
    throw new StanzaError(
      isAtLeast(affiliation, 'admin') ? 'not-allowed' : 'forbidden',
      'only admins do that',
    )
  }
  if (role === 'moderator' || (role === 'participant' && occupant.role === 'visitor')) return
  // XEP-0045 §8.4, §9.7: nobody takes the role of an admin or owner, nor of one's equal.
  const isEqual = occupant.role !== 'moderator' && theirs >= own
  if (isAtLeast(affiliation, 'admin') || isEqual) {
    throw new StanzaError('not-allowed', 'that occupant is not below you')
  }
}
