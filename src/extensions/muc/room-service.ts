// What is sent to rooms: each room deals with one stanza at a time.
import { AnswerThen, type IqAnswer } from '../../host/iq.ts'
import type { Jid } from '../../jid/jid.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import { resultOf } from '../../stanza/reply.ts'
import type { Iq, Message, Stanza } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { isAtLeast } from './affiliation.ts'
import { type Conference, refusal } from './conference.ts'
import { passDecline } from './invite.ts'
import { isGhostError, removeGhost } from './leave.ts'
import { RoomMessage } from './lines.ts'
import { sendInvites } from './mediated-invites.ts'
import { passIq } from './occupant-requests.ts'
import { sendPrivateMessage } from './private-messages.ts'
import { answerRequest, approvalForm } from './registration-requests.ts'
import type { Room } from './room.ts'
import { receivePresence } from './room-presence.ts'
import { VoiceRequests, voiceForm } from './voice.ts'

/** What goes on after the room has turned to the next stanza, and only the sender waits for. */
interface Tail {
  pending: Promise<unknown> | undefined
}

/** Takes what is sent to `room@service` and its occupants. */
export class RoomService {
  readonly #conference: Conference
  readonly #voiceRequests: VoiceRequests

  constructor(conference: Conference) {
    this.#conference = conference
    this.#voiceRequests = new VoiceRequests(conference)
  }

  /** May refuse by throwing or rejecting with a `StanzaError`; a promise makes the sender wait. */
  receive(stanza: Stanza): void | Promise<void> {
    const to = stanza.to as Jid
    const tail: Tail = { pending: undefined }
    const held = this.#conference.inTurn.run(to.local, () => this.#receiveInTurn(stanza, to, tail))
    if (held) return held.then(() => tail.pending ?? this.#toldIn(to.local)).then(ignore)
    return (tail.pending ?? this.#toldIn(to.local))?.then(ignore)
  }

  /** Who changes something waits until all have been told: it is read no faster than rooms can tell. */
  #toldIn(local: string): Promise<void> | undefined {
    const { news, rooms } = this.#conference
    if (news.isEmpty) return undefined
    const room = rooms.find(local)
    return room && news.toldIn(room)
  }

  #receiveInTurn(stanza: Stanza, to: Jid, tail: Tail): void | Promise<void> {
    const { rooms } = this.#conference
    const room = rooms.find(to.local)
    if (room) return this.#receiveAndSettle(room, stanza, to, tail)
    // Nobody is in a room that is not in memory: no look into the store for those who leave it.
    if (stanza.type === 'unavailable' || stanza.type === 'error' || stanza.type === 'result') return
    return rooms.load(to.bare).then((loaded) => this.#receiveAndSettle(loaded, stanza, to, tail))
  }

  #receiveAndSettle(room: Room | undefined, stanza: Stanza, to: Jid, tail: Tail): void | Promise<void> {
    const { rooms } = this.#conference
    const settle = () => {
      const used = room ?? rooms.find(to.local)
      if (used) rooms.settle(used)
    }
    let result: void | Promise<void>
    try {
      result = this.#receiveIn(room, stanza, to, tail)
    } catch (error) {
      settle()
      throw error
    }
    if (result) return result.finally(settle)
    settle()
  }

  #receiveIn(room: Room | undefined, stanza: Stanza, to: Jid, tail: Tail): void | Promise<void> {
    if (stanza.kind === 'presence') return receivePresence(this.#conference, room, stanza)
    if (!room) throw refusal({ jid: to.bare }, 'item-not-found', 'there is no such room')
    // Who hears of somebody has seen it come.
    this.#conference.news.flush(room)
    if (stanza.kind === 'message') return this.#receiveMessage(room, stanza, to, tail)
    if (to.resource !== '') return passIq(this.#conference, room, stanza)
    if (stanza.isRequest) tail.pending = this.#answer(room, stanza) ?? undefined
  }

  #receiveMessage(room: Room, message: Message, to: Jid, tail: Tail): void | Promise<void> {
    const conference = this.#conference
    const seat = room.seatOf(message.from)
    if (message.type === 'error' && (!seat || to.resource === '' || isGhostError(message))) {
      if (seat && isGhostError(message)) removeGhost(conference, room, seat, message)
      return
    }
    if (!seat) {
      tail.pending = receiveFromOutside(conference, room, message) ?? undefined
      return
    }
    if (to.resource !== '') return sendPrivateMessage(conference, room, seat, message)
    if (message.type === 'groupchat')
      return this.#broadcast(new RoomMessage(room, seat, message, this.#now), tail)
    const x = message.child('x', mucUserNamespace)
    if (x?.child('invite')) {
      tail.pending = sendInvites(conference, room, seat, message, x) ?? undefined
      return
    }
    const voice = voiceForm(message)
    if (voice) return this.#voiceRequests.receive(room, seat, voice)
    const approval = approvalForm(message)
    if (approval) {
      tail.pending = answerRequest(conference, room, message.from, approval)
      return
    }
    const decline = x?.child('decline')
    if (decline) return passDecline(conference, room, message, decline)
    throw refusal(room, 'bad-request', 'a message to everybody here is of type groupchat')
  }

  #broadcast(item: RoomMessage, tail: Tail): void | Promise<void> {
    const passed = this.#conference.message.run(item)
    tail.pending = item.slow
    if (typeof passed === 'boolean') return
    return passed.then(() => {
      tail.pending = item.slow
    })
  }

  #answer(room: Room, iq: Iq): void | Promise<void> {
    const conference = this.#conference
    // XEP-0045 §10.1.1: a locked room is not there for others.
    if (room.isLocked && room.affiliationOf(iq.from) !== 'owner') {
      throw refusal(room, 'item-not-found', 'this room is not open yet')
    }
    const handler = conference.iq.find(iq)
    if (!handler) throw new StanzaError('service-unavailable', 'rooms do not answer that')
    const answer = handler(iq, room)
    if (answer instanceof Promise) return answer.then((later) => this.#sendResult(room, iq, later))
    return this.#sendResult(room, iq, answer)
  }

  #sendResult(room: Room, iq: Iq, answer: IqAnswer): void | Promise<void> {
    const conference = this.#conference
    if (!(answer instanceof AnswerThen)) return conference.send(resultOf(iq, room.jid, answer ?? undefined))
    const sent = conference.send(resultOf(iq, room.jid, answer.payload))
    answer.afterwards()
    return sent
  }

  get #now(): number {
    return this.#conference.host.clock.now()
  }
}

// XEP-0045 §7.4, §7.5, §7.8.2, §9.9: who is not in the room may decline an invitation to it, and answer as an admin who
// was asked; no more.
function receiveFromOutside(conference: Conference, room: Room, message: Message): void | Promise<void> {
  const isToRoom = message.type !== 'groupchat' && message.to?.isBare
  const approval = isToRoom && isAtLeast(room.affiliationOf(message.from), 'admin') && approvalForm(message)
  if (approval) return answerRequest(conference, room, message.from, approval)
  const decline = message.child('x', mucUserNamespace)?.child('decline')
  // XEP-0045 §17.2: a room that is not configured yet is not there.
  if (room.isLocked) throw refusal(room, 'item-not-found', 'this room is not open yet')
  if (decline && message.type !== 'groupchat') {
    passDecline(conference, room, message, decline)
    return
  }
  throw refusal(room, 'not-acceptable', 'you are not in this room', 'cancel')
}

function ignore(): void {}
