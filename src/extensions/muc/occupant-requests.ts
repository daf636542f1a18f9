// XEP-0045 §17.3 and §6.6: requests from one occupant to another, which the room carries to and fro; XEP-0410: self-ping.
import type { Jid } from '../../jid/jid.ts'
import { resultOf } from '../../stanza/reply.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { type Conference, refusal } from './conference.ts'
import type { Occupant, Seat } from './occupant.ts'
import type { Room } from './room.ts'

/**
 * Passes a request or an answer on to an occupant, in the name of another.
 * @throws StanzaError not-acceptable if the sender is not in the room, item-not-found if there is no such nick
 */
export function passIq(conference: Conference, room: Room, iq: Iq): void {
  const { resource } = iq.to as Jid
  const sender = room.seatOf(iq.from)
  const receiver = room.occupant(resource)
  if (!iq.isRequest) {
    if (sender && receiver) passAnswer(conference, sender, receiver, iq)
    return
  }
  if (!sender) {
    // XEP-0045 §6.6 has its own word for disco; of all else, XEP-0410 §3 asks for this one.
    const isDisco = iq.payload?.namespace.startsWith('http://jabber.org/protocol/disco#')
    if (isDisco) throw refusal(room, 'bad-request', 'you are not in this room')
    throw refusal(room, 'not-acceptable', 'you are not in this room', 'cancel')
  }
  if (!receiver) throw refusal(room, 'item-not-found', 'nobody here has that nick')
  // XEP-0410 §4: an occupant that asks itself learns that it is still here.
  if (receiver === sender.occupant && iq.payload?.is('ping', 'urn:xmpp:ping')) {
    conference.send(resultOf(iq, iq.to as Jid))
    return
  }
  passRequest(conference, sender, receiver, iq)
}

function passRequest(conference: Conference, sender: Seat, receiver: Occupant, iq: Iq): void {
  const seat = receiver.primary as Seat
  // XEP-0054 §3: an account's vCard is its server's to give.
  const to = iq.payload?.is('vCard', 'vcard-temp') ? receiver.bare : seat.jid
  conference.send(iq.with({ from: sender.occupant.jid, to, id: `${sender.key}/${iq.id}` }))
}

/** The id says which of the asker's clients it was; a forged one reaches nobody else's. */
function passAnswer(conference: Conference, sender: Seat, receiver: Occupant, iq: Iq): void {
  const [, key, id] = /^(\d{1,15})\/(.*)$/s.exec(iq.id ?? '') ?? []
  for (const seat of receiver.seats.values()) {
    if (String(seat.key) === key) {
      conference.send(iq.with({ from: sender.occupant.jid, to: seat.jid, id }))
      return
    }
  }
}
