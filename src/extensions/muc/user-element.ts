// XEP-0045 §7.2.2: `<x xmlns='…muc#user'/>`, what a room says of an occupant and of what has happened to it.

import type { Jid } from '../../jid/jid.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import { type Element, element } from '../../xml/element.ts'
import type { Affiliation, Role } from './affiliation.ts'
import type { Occupant, PresenceContent, Seat } from './occupant.ts'

/** Who did something to an occupant. */
export interface Actor {
  readonly nick?: string
  /** The real full or bare address. */
  readonly jid: string
}

/** What is said of a change besides the occupant's state. */
export interface Notice {
  /** Status codes for everybody; 110 is added where it belongs. */
  readonly codes?: readonly number[]
  readonly actor?: Actor | undefined
  readonly reason?: string | undefined
  /** The nick one changes to. */
  readonly newNick?: string
  /** Put before the `<item/>`: `<destroy/>`. */
  readonly extra?: Element
  /** For those who keep the lists of the room by version: from which one this leads to which (XEP-0463). */
  readonly version?: Element | undefined
  /** What an occupant who leaves had to say. */
  readonly content?: PresenceContent
}

/** Who looks: whether real addresses are shown to it, and whether it is the occupant itself. */
export interface View {
  readonly showsJid: boolean
  readonly isSelf: boolean
  /** The one client that is spoken of; else it is about all of them. */
  readonly seat?: Seat
}

/** The element for those who see the occupant so: to who sees addresses, an `<item/>` for each of its clients. */
export function userElement(
  occupant: Occupant,
  affiliation: Affiliation,
  role: Role,
  { showsJid, isSelf, seat }: View,
  notice: Notice = {},
): Element {
  const item = (jid?: Jid) =>
    element(
      'item',
      mucUserNamespace,
      { nick: notice.newNick, jid: jid?.toString(), affiliation, role },
      notice.actor && actorElement(notice.actor, showsJid && !isSelf),
      notice.reason ? element('reason', mucUserNamespace, {}, notice.reason) : undefined,
    )
  // The one that speaks for it first: there are clients that read one only.
  const seats = seat ? [seat] : [...occupant.seats.values()].reverse()
  const items = showsJid && seats.length > 0 ? seats.map(({ jid }) => item(jid)) : [item()]
  return element(
    'x',
    mucUserNamespace,
    {},
    ...(notice.codes ?? []).map(status),
    notice.extra,
    ...items,
    isSelf ? status(110) : undefined,
  )
}

/** `<status code='…'/>` (XEP-0045 §16.6). */
export function status(code: number): Element {
  return element('status', mucUserNamespace, { code: String(code) })
}

function actorElement({ nick, jid }: Actor, showsJid: boolean): Element | undefined {
  // Without a nick, only those who may see the address learn who it was.
  if (nick === undefined && !showsJid) return undefined
  return element('actor', mucUserNamespace, { nick, jid: showsJid ? jid : undefined })
}
