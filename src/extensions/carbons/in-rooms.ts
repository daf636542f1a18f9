// XEP-0280 §6.1: in which rooms clients of one account are together, and what is said there to one of them.
import type { Account } from '../../host/account.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { mucNamespace, mucUserNamespace } from '../../stanza/namespaces.ts'
import type { Message, Presence } from '../../stanza/stanza.ts'

/** The room in which a message is for one occupant (XEP-0045 §7.5); `undefined` if it is no such message. */
export function roomOfPrivate(message: Message): Jid | undefined {
  const { to, type } = message
  if (!to || to.isBare || type === 'error') return undefined
  const mark = message.child('x', mucUserNamespace)
  return mark && !mark.child('invite') ? to.bare : undefined
}

/** The nicks that clients have asked for in the rooms in which they are. */
export class Nicks {
  readonly #nicksByRoom = new WeakMap<ClientSession, Map<string, Set<string>>>()

  /** Notes what presence to one address says: its sender enters a room (XEP-0045 §7.2), changes its nick, or leaves. */
  note(session: ClientSession, presence: Presence, to: Jid): void {
    const room = to.bare.toString()
    const byRoom = this.#nicksByRoom.get(session)
    if (presence.type === 'unavailable') {
      byRoom?.delete(room)
      return
    }
    if (presence.type !== 'available' || to.isBare) return
    const nicks = byRoom?.get(room)
    if (nicks) nicks.add(to.resource)
    else if (presence.child('x', mucNamespace)) this.#enter(session, room, to.resource)
  }

  /**
   * Whether `other` could answer what `one` says to an occupant of `room`: they are behind the same nick. So it is, too,
   * where nothing is known of `one` in that room.
   */
  areShared(one: ClientSession, other: ClientSession, room: Jid): boolean {
    const nicks = this.#at(one, room)
    if (!nicks) return true
    const others = this.#at(other, room)
    return others !== undefined && [...nicks].some((nick) => others.has(nick))
  }

  /**
   * Whether an error that a room sends to a client that is inside is of no interest to `other`: it answers what was said
   * to all, which is not copied, or to an occupant, which is copied to those behind the same nick.
   */
  answerOnly(account: Account, { type, from, to }: Message, other: ClientSession): boolean {
    const inside = type === 'error' && to && account.sessionsByResource.get(to.resource)
    if (!inside || !this.#at(inside, from.bare)) return false
    return from.isBare || !this.areShared(inside, other, from.bare)
  }

  #at(session: ClientSession, room: Jid): Set<string> | undefined {
    return this.#nicksByRoom.get(session)?.get(room.toString())
  }

  #enter(session: ClientSession, room: string, nick: string): void {
    const byRoom = this.#nicksByRoom.get(session) ?? new Map<string, Set<string>>()
    byRoom.set(room, new Set([nick]))
    this.#nicksByRoom.set(session, byRoom)
  }
}
