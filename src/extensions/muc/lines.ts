// What goes over a room's lines, and the phases it goes through.
import type { Undo } from '../../base/scope.ts'
import type { Line, Step } from '../../host/line.ts'
import type { Jid } from '../../jid/jid.ts'
import { mucNamespace } from '../../stanza/namespaces.ts'
import type { Message, Presence } from '../../stanza/stanza.ts'
import type { Element } from '../../xml/element.ts'
import type { Affiliation } from './affiliation.ts'
import type { Seat } from './occupant.ts'
import type { Room } from './room.ts'

/** What happens to somebody who enters, in order (XEP-0045 §7.1). */
export const enterPhases = ['check', 'seat', 'announce', 'history', 'subject'] as const
/** What happens to a groupchat message, in order. */
export const roomMessagePhases = ['check', 'stamp', 'archive', 'target', 'deliver'] as const

export type EnterPhase = (typeof enterPhases)[number]
export type RoomMessagePhase = (typeof roomMessagePhases)[number]

/** Somebody who enters a room. */
export class Entry {
  readonly room: Room
  readonly presence: Presence
  /** The occupant's address that was asked for. */
  nick: Jid
  readonly affiliation: Affiliation
  /** Status codes for the self-presence, besides 110. */
  readonly codes: number[] = []
  /** From phase `seat` on. */
  seat: Seat | undefined
  /** Whether the occupant was there before, with another client. */
  isAnotherClient = false

  constructor(room: Room, presence: Presence, nick: Jid) {
    this.room = room
    this.presence = presence
    this.nick = nick
    this.affiliation = room.affiliationOf(presence.from)
  }

  /** The `<x/>` with which one enters: password and history (XEP-0045 §7.2). */
  get x(): Element | undefined {
    return this.presence.child('x', mucNamespace)
  }
}

/** A groupchat message on its way through a room. */
export class RoomMessage {
  readonly room: Room
  readonly seat: Seat
  /** As its sender sent it. */
  readonly original: Message
  message: Message
  /** When it came, in milliseconds since 1970. */
  readonly when: number
  /** Whether it sets the subject and says nothing else (XEP-0045 §7.2.15). */
  readonly isSubjectChange: boolean
  /** The id under which an archive keeps it. */
  archiveId: string | undefined
  /** Whose clients get it: everybody's, unless a step in `target` says otherwise. */
  targets: Iterable<Seat>
  /** What the sender waits for before sending more: slow receivers. The room does not. */
  slow: Promise<unknown> | undefined

  constructor(room: Room, seat: Seat, message: Message, when: number) {
    this.room = room
    this.seat = seat
    this.original = message
    this.message = message
    this.when = when
    this.isSubjectChange =
      message.child('subject') !== undefined && !message.child('body') && !message.child('thread')
    this.archiveId = undefined
    this.targets = room.seats.values()
    this.slow = undefined
  }
}

/** How other extensions add steps: `muc.enter.check(step)`; `host.keep` the undo. */
export type RoomLine<Phase extends string, Item> = Readonly<Record<Phase, (step: Step<Item>) => Undo>>

/** The entrance to a line for other extensions. */
export function roomLine<Phase extends string, Item>(line: Line<Phase, Item>): RoomLine<Phase, Item> {
  const add = (phase: Phase) => [phase, (step: Step<Item>) => line.add(phase, step)]
  return Object.fromEntries(line.phases.map(add))
}
