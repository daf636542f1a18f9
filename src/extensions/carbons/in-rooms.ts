// XEP-0280 §6.1: what clients of one account have to do with each other in a room.
import type { Account } from '../../host/account.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'

/** The room in which a message is for one occupant (XEP-0045 §7.5); `undefined` if it is no such message. */
export function roomOfPrivate(message: Message): Jid | undefined {
  const { to, type } = message
  if (!to || to.isBare || type === 'error') return undefined
  const mark = message.child('x', mucUserNamespace)
  return mark && !mark.child('invite') ? to.bare : undefined
}

/** Whether two clients are in `room` behind one nick; others could not answer what is said there. */
export function shareNick(account: Account, one: ClientSession, other: ClientSession, room: Jid): boolean {
  const nicks = account.directedPresenceAt(other, room)
  return account.directedPresenceAt(one, room).some((nick) => nicks.some((same) => same.equals(nick)))
}

/**
 * Whether an error that a room sends to a client that is inside is of no interest to `other`: it answers what was said
 * to all, which is not copied, or to an occupant, which is copied to those behind the same nick.
 */
export function answersInRoom(account: Account, { type, from, to }: Message, other: ClientSession): boolean {
  const inside = type === 'error' && to && account.sessionsByResource.get(to.resource)
  if (!inside || account.directedPresenceAt(inside, from.bare).length === 0) return false
  return from.isBare || !shareNick(account, inside, other, from.bare)
}
