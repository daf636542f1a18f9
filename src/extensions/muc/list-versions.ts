// XEP-0463: the lists of a room by version, for clients that keep them; who keeps count is another extension.
import type { Jid } from '../../jid/jid.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import type { Message, Presence } from '../../stanza/stanza.ts'
import type { Element } from '../../xml/element.ts'
import type { Affiliation } from './affiliation.ts'
import type { Conference } from './conference.ts'
import type { Entry } from './lines.ts'
import type { Seat } from './occupant.ts'
import type { Room } from './room.ts'

/** Counts the versions of the lists of rooms. */
export interface ListVersions {
  /** Somebody enters, and has a seat: sends what is to come before any presence, and answers what self-presence says. */
  enter(entry: Entry, seat: Seat): Element | undefined
  /** One address has another affiliation than `before`; answers what those who keep the lists are told, if any do. */
  next(room: Room, address: Jid, before: Affiliation): Element | undefined
  /** Whether a client keeps the lists. */
  isKeptBy(seat: Seat): boolean
}

/** Sends a client what tells of a change, with the version in its `<x/>` if the client keeps the lists. */
export function sendWithVersion(
  conference: Conference,
  seat: Seat,
  stanza: Message | Presence,
  version: Element | undefined,
): void {
  if (!version || !conference.listVersions?.isKeptBy(seat)) {
    conference.send(stanza.with({ to: seat.jid }))
    return
  }
  const children = stanza.children.map((node) =>
    typeof node !== 'string' && node.is('x', mucUserNamespace)
      ? node.with({ children: [version, ...node.children] })
      : node,
  )
  conference.send(stanza.with({ to: seat.jid, children }))
}
