// XEP-0045 §7: what presence sent to a room means: enter, change, leave.
import type { Jid } from '../../jid/jid.ts'
import { mucNamespace, mucUserNamespace } from '../../stanza/namespaces.ts'
import { Presence } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { element } from '../../xml/element.ts'
import { absentOwnerOf } from './absent-members.ts'
import { type Conference, refusal } from './conference.ts'
import { destroyRoom } from './destroy.ts'
import { resync, updatePresence } from './enter.ts'
import { leaveByPresence, removeGhost } from './leave.ts'
import { Entry } from './lines.ts'
import { changeNick, lockNick } from './nick.ts'
import { shownTo } from './presence.ts'
import type { Room } from './room.ts'
import { status } from './user-element.ts'

/** Deals with presence to a room that may not be there yet. */
export function receivePresence(
  conference: Conference,
  room: Room | undefined,
  presence: Presence,
): void | Promise<void> {
  switch (presence.type) {
    case 'available':
      return receiveEntry(conference, room, presence)
    case 'unavailable':
    case 'error':
      return receiveLeaving(conference, room, presence)
    case 'probe':
      return answerProbe(conference, room, presence)
    default:
      // Rooms have no rosters: subscriptions lead nowhere, and there is nothing to tell.
      return
  }
}

const entryMark = element('x', mucNamespace)

/** XEP-0045 §7.2.5-10: whoever is refused gets the `<x/>` back, by which clients know what was refused. */
function receiveEntry(
  conference: Conference,
  room: Room | undefined,
  presence: Presence,
): void | Promise<void> {
  try {
    const received = receiveAvailable(conference, room, presence)
    if (received)
      return received.catch((error: unknown) => {
        throw refusedEntry(presence, error)
      })
  } catch (error) {
    throw refusedEntry(presence, error)
  }
}

function refusedEntry(presence: Presence, error: unknown): unknown {
  if (!(error instanceof StanzaError) || !presence.child('x', mucNamespace)) return error
  return new StanzaError(error.condition, error.message, {
    ...error.details,
    type: error.type,
    returned: entryMark,
  })
}

function receiveAvailable(
  conference: Conference,
  room: Room | undefined,
  presence: Presence,
): void | Promise<void> {
  const nick = presence.to as Jid
  const entry = room && new Entry(room, presence, nick)
  const seat = room?.seatOf(presence.from)
  if (entry && seat) {
    // XEP-0045 §7.2.1: no nick, no presence.
    if (nick.resource === '') throw refusal(entry.room, 'jid-malformed', 'a nick is needed')
    conference.paces.changePresence(entry.room, seat.occupant)
    // Who enters again may still think to have the nick that was not given.
    if (entry.x && nick.resource !== seat.occupant.nick) lockNick(entry)
    if (seat.occupant.nick !== entry.nick.resource) return changeNick(conference, entry, seat)
    if (entry.x) return resync(conference, entry, seat)
    return updatePresence(conference, entry, seat)
  }
  if (!presence.child('x', mucNamespace)) return refuseOldJoin(conference, presence)
  conference.paces.join(nick.bare, presence.from.bare)
  if (entry) return through(conference, entry)
  return create(conference, presence, nick)
}

// XEP-0045 §10.1
async function create(conference: Conference, presence: Presence, nick: Jid): Promise<void> {
  const { rooms, options, host } = conference
  const { from } = presence
  const site = { jid: nick.bare }
  if (!mayCreate(conference, from)) throw refusal(site, 'not-allowed', 'you may not make rooms here')
  if (nick.resource === '') throw refusal(site, 'jid-malformed', 'a nick is needed')
  if (!host.isAdmin(from) && (await rooms.countOf(from.bare)) >= options.roomsPerAccount) {
    throw refusal(
      site,
      'resource-constraint',
      `an account makes at most ${options.roomsPerAccount} rooms`,
      'wait',
    )
  }
  if (!host.isAdmin(from)) conference.paces.create(nick.bare, from.bare)
  const room = rooms.create(nick.local, from)
  // XEP-0045 §10.1.1: a room that is never configured does not stay.
  rooms.awaitConfiguration(room, options.lockSeconds * 1000, () => giveUp(conference, room))
  const entry = new Entry(room, presence, nick)
  entry.codes.push(201)
  await through(conference, entry)
}

function through(conference: Conference, entry: Entry): void | Promise<void> {
  const passed = conference.enter.run(entry)
  if (typeof passed !== 'boolean') return passed.then(() => {})
}

function giveUp(conference: Conference, room: Room): void {
  const { inTurn, rooms } = conference
  const given = inTurn.run(room.local, () => {
    if (rooms.find(room.local) === room && room.isLocked) return destroyRoom(conference, room)
  })
  given?.catch((error: unknown) => conference.host.log.error('room could not be given up', { error }))
}

function mayCreate({ options, host }: Conference, from: Jid): boolean {
  switch (options.create) {
    case 'anyone':
      return true
    case 'local':
      return host.isAdmin(from) || (host.domain.domain.endsWith(`.${from.domain}`) && !host.isGuest(from))
    case 'admins':
      return host.isAdmin(from)
  }
}

/**
 * XEP-0045 §7.2.18: presence without `<x/>` from somebody who is not here is no way to enter; who sent it thinks to be
 * in the room, and learns that it is not so.
 */
function refuseOldJoin(conference: Conference, presence: Presence): void {
  const to = presence.to as Jid
  if (to.resource === '') throw refusal({ jid: to.bare }, 'jid-malformed', 'a nick is needed')
  const reason = element('reason', mucUserNamespace, {}, 'You are not in the room.')
  const item = element('item', mucUserNamespace, { affiliation: 'none', role: 'none' }, reason)
  const x = element('x', mucUserNamespace, {}, item, status(110), status(307), status(333))
  conference.send(new Presence('unavailable', { from: to, to: presence.from, children: [x] }))
}

// XEP-0045 §7.14: whoever is not here has nothing to leave. The nick, or that there is none, does not matter.
function receiveLeaving(conference: Conference, room: Room | undefined, presence: Presence): void {
  const seat = room?.seatOf(presence.from)
  if (!room || !seat) return
  if (presence.type === 'error') removeGhost(conference, room, seat, presence)
  else leaveByPresence(conference, room, seat, presence)
}

/**
 * XEP-0045 §17.3: occupants may ask for the presence of one, also of one whose role is not shown unasked, and by the
 * room's address for their own. Others learn only that they are not there themselves, whoever else is (§14.4).
 */
function answerProbe(conference: Conference, room: Room | undefined, probe: Presence): void {
  const { resource, bare } = probe.to as Jid
  const seat = room?.seatOf(probe.from)
  if (!room || !seat) throw refusal({ jid: bare }, 'not-acceptable', 'you are not in this room', 'cancel')
  const asked = resource === '' ? seat.occupant : room.occupant(resource)
  if (asked) {
    conference.send(shownTo(conference, room, seat.occupant, asked).with({ to: seat.jid }))
    return
  }
  const absent = absentOwnerOf(room, seat, resource)
  if (absent) conference.send(absent)
}
