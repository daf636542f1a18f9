// XEP-0045 §5.2.2, §9 and §10.3-10.8: who may change which lists of a room.
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Affiliation, isAtLeast } from './affiliation.ts'
import type { Conference } from './conference.ts'
import type { Room } from './room.ts'

/** What is to be kept of somebody from now on. */
export interface AffiliationEdit {
  /** A bare address, or a domain. */
  readonly jid: Jid
  readonly affiliation: Affiliation
  /** The nick to reserve; `null` gives up the one that is reserved. */
  readonly nick?: string | null | undefined
  readonly reason?: string | undefined
}

/**
 * Whether somebody may make all of these changes.
 * @throws StanzaError forbidden, not-allowed, conflict or resource-constraint
 */
export function checkAffiliationEdits(
  { options }: Conference,
  room: Room,
  actor: Jid,
  edits: readonly AffiliationEdit[],
): void {
  const own = room.affiliationOf(actor)
  if (!isAtLeast(own, 'admin')) throw new StanzaError('forbidden', 'only admins change lists')
  for (const edit of edits) checkOne(room, actor, own, edit)
  checkOwnersAndSize(room, edits, options.affiliations)
}

function checkOne(
  room: Room,
  actor: Jid,
  own: Affiliation,
  { jid, affiliation, nick }: AffiliationEdit,
): void {
  const present = room.affiliations.entry(jid.toString())?.affiliation ?? 'none'
  // XEP-0045 §9.1: nobody bans oneself.
  if (affiliation === 'outcast' && (jid.equals(actor.bare) || jid.toString() === actor.domain)) {
    throw new StanzaError('conflict', 'you would ban yourself')
  }
  if (jid.local === '' && isAtLeast(affiliation, 'admin')) {
    throw new StanzaError('not-acceptable', 'a whole domain cannot be that')
  }
  if (own !== 'owner') {
    // XEP-0045 §5.2.2: admins have no say about admins and owners.
    if (isAtLeast(affiliation, 'admin')) throw new StanzaError('forbidden', 'only owners do that')
    if (isAtLeast(present, 'admin')) throw new StanzaError('not-allowed', 'only owners do that')
  }
  if (nick) checkReservation(room, nick, jid)
}

/**
 * Whether a nick can be reserved for somebody; whoever uses it now has to leave then, unless it is an admin.
 * @throws StanzaError conflict
 */
function checkReservation(room: Room, nick: string, jid: Jid): void {
  const user = room.occupant(nick)
  const isAdmins = user && !user.bare.equals(jid) && isAtLeast(room.affiliationOf(user.bare), 'admin')
  if (isAdmins || room.isNickReservedForOther(nick, jid))
    throw new StanzaError('conflict', 'that nick is taken')
}

// One nick is not reserved twice. XEP-0045 §10.5: there is always an owner.
function checkOwnersAndSize(room: Room, edits: readonly AffiliationEdit[], most: number): void {
  const after = new Map(edits.map(({ jid, affiliation }) => [jid.toString(), affiliation]))
  let owners = room.affiliations.ownerCount
  let size = room.affiliations.size
  for (const [address, affiliation] of after) {
    const before = room.affiliations.entry(address)?.affiliation ?? 'none'
    owners += Number(affiliation === 'owner') - Number(before === 'owner')
    size += Number(affiliation !== 'none') - Number(before !== 'none')
  }
  const nicks = edits.map(({ nick }) => nick).filter(Boolean)
  if (new Set(nicks).size < nicks.length) throw new StanzaError('conflict', 'one nick, one owner')
  // One whose last owner's account is gone has none.
  if (owners < 1 && room.affiliations.ownerCount > 0)
    throw new StanzaError('conflict', 'the last owner remains one')
  if (size > most && size > room.affiliations.size) {
    throw new StanzaError('resource-constraint', `the lists of a room have at most ${most} addresses`)
  }
}
