// XEP-0045 §7.2: entering a room.
import { sendAbsentMembers } from './absent-members.ts'
import { isAtLeast } from './affiliation.ts'
import { checkPassword } from './check-password.ts'
import { type Conference, refusal } from './conference.ts'
import { parseHistoryRequest } from './history.ts'
import type { Entry } from './lines.ts'
import { checkNick, lockNick } from './nick.ts'
import type { Seat } from './occupant.ts'
import { announceToOthersLater, announceToSelf, contentOf, selfPresence, showOthersTo } from './presence.ts'
import type { Room } from './room.ts'
import { historyLength } from './settings/history-length.ts'
import { maxUsers } from './settings/max-users.ts'
import { subjectMessage } from './subject.ts'

/** The standard's own rules as steps of the line of those who enter. */
export function addEnterRules(conference: Conference): void {
  const line = conference.enter
  line.add('check', checkAffiliation)
  line.add('check', (entry) => checkPassword(conference, entry))
  line.add('check', lockNick)
  line.add('check', (entry) => checkNick(conference, entry.room, entry.nick, entry.presence.from))
  line.add('check', (entry) => checkSpace(conference, entry))
  line.add('seat', (entry) => takeSeat(conference, entry))
  line.add('announce', (entry) => announceEntry(conference, entry))
  line.add('history', (entry) => sendHistory(conference, entry))
  line.add('subject', (entry) => {
    conference.send(subjectMessage(conference, entry.room).with({ to: entry.presence.from }))
  })
}

// XEP-0045 §7.2.7: who is banned learns nothing else of the room; §7.2.10, §7.2.6.
function checkAffiliation({ room, affiliation }: Entry): void {
  if (affiliation === 'outcast') throw refusal(room, 'forbidden', 'you are banned from this room')
  if (room.isLocked && affiliation !== 'owner') {
    throw refusal(room, 'item-not-found', 'this room is not open yet')
  }
  if (!room.admits(affiliation)) throw refusal(room, 'registration-required', 'this room is for members only')
}

// XEP-0045 §7.2.9: a room that is full still has some space for those who look after it.
function checkSpace({ options }: Conference, { room, affiliation, nick, presence }: Entry): void {
  const extra = isAtLeast(affiliation, 'admin') ? options.adminSeats : 0
  const most = room.config.get(maxUsers) || Number.POSITIVE_INFINITY
  const isNew = room.occupant(nick.resource) === undefined
  const isFull = isNew && room.occupantsByNick.size >= most + extra
  if (isFull || room.seats.size >= options.occupants + extra) {
    throw refusal(room, 'service-unavailable', 'this room is full', 'wait')
  }
  if (room.clientsOf(presence.from.bare) >= options.seatsPerAccount) {
    throw refusal(room, 'resource-constraint', 'too many clients of yours are here', 'wait')
  }
}

function takeSeat(conference: Conference, entry: Entry): void {
  const { room, presence, nick, affiliation } = entry
  const sharing = room.occupant(nick.resource)
  entry.isAnotherClient = sharing !== undefined
  const content = contentOf(conference, room, presence)
  entry.seat = room.seat(presence.from, nick, room.roleOnEntry(presence.from, affiliation), content)
}

// XEP-0045 §7.2.2: first the others, then oneself.
function announceEntry(conference: Conference, entry: Entry): void {
  const { room, presence } = entry
  const seat = entry.seat as Seat
  const version = conference.listVersions?.enter(entry, seat)
  sendOccupants(conference, room, seat)
  announceToOthersLater(conference, room, seat.occupant, !entry.isAnotherClient)
  announceToSelf(conference, room, seat.occupant, undefined, seat)
  addSettingCodes(conference, entry)
  conference.send(selfPresence(conference, room, seat, entry.codes, presence.id, version))
}

// XEP-0045 §7.2.3, §7.2.12: what those who enter are to know of the room.
function addSettingCodes({ settings }: Conference, { room, codes }: Entry): void {
  for (const setting of settings.all) {
    const code = setting.entryCode?.(room.config.get(setting))
    if (code !== undefined) codes.unshift(code)
  }
}

function sendOccupants(conference: Conference, room: Room, seat: Seat): void {
  showOthersTo(conference, room, seat)
  sendAbsentMembers(conference, room, seat)
}

function sendHistory(conference: Conference, entry: Entry): void {
  const { host, options } = conference
  const { room, presence } = entry
  const max = Math.min(options.historyLength, room.config.get(historyLength))
  for (const message of room.history.find(parseHistoryRequest(entry.x, host.clock.now(), max))) {
    conference.send(message.with({ to: presence.from }))
  }
}

/**
 * XEP-0045 §7.2.1: whoever is in the room and enters again has lost track, and gets everything anew.
 * Others hear of it only as of any presence.
 */
export function resync(conference: Conference, entry: Entry, seat: Seat): void {
  const { room, presence } = entry
  seat.occupant.update(seat, contentOf(conference, room, presence))
  const version = conference.listVersions?.enter(entry, seat)
  sendOccupants(conference, room, seat)
  announceToOthersLater(conference, room, seat.occupant)
  addSettingCodes(conference, entry)
  conference.send(selfPresence(conference, room, seat, entry.codes, presence.id, version))
  sendHistory(conference, entry)
  conference.send(subjectMessage(conference, room).with({ to: seat.jid }))
}

/** XEP-0045 §7.7: an occupant's availability has changed. */
export function updatePresence(conference: Conference, entry: Entry, seat: Seat): void {
  const { room, presence } = entry
  seat.occupant.update(seat, contentOf(conference, room, presence))
  announceToSelf(conference, room, seat.occupant)
  announceToOthersLater(conference, room, seat.occupant)
}
