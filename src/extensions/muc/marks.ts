// What a room says of its occupants beside `muc#user`, in their presence and messages.
import type { Jid } from '../../jid/jid.ts'
import type { Element, Node } from '../../xml/element.ts'
import type { Conference } from './conference.ts'
import type { Room } from './room.ts'

/** Something that only the room may say of those who are in it. */
export interface Mark {
  /** Whether it goes with presence only, or with messages too. */
  readonly scope: 'all' | 'presence'
  /** What the room says of an account, by its bare address. */
  make?(room: Room, account: Jid): Element | undefined
  /** Leaves out what looks as if the room had said it; answers the same list if there is nothing of that kind. */
  clean(nodes: readonly Node[], room: Room): readonly Node[]
}

/** What the room adds to a message of an account. */
export function messageMarks({ marks }: Conference, room: Room, account: Jid): Element[] {
  const made: Element[] = []
  for (const mark of marks) {
    const element = mark.scope === 'all' ? mark.make?.(room, account) : undefined
    if (element) made.push(element)
  }
  return made
}

/** What the room adds to presence of an account. */
export function presenceMarks({ marks }: Conference, room: Room, account: Jid): Element[] {
  const made: Element[] = []
  for (const mark of marks) {
    const element = mark.make?.(room, account)
    if (element) made.push(element)
  }
  return made
}

/** Leaves out marks that a client forged. */
export function withoutMarks(
  { marks }: Conference,
  room: Room,
  scope: Mark['scope'],
  nodes: readonly Node[],
): readonly Node[] {
  let left = nodes
  for (const mark of marks) if (scope === 'presence' || mark.scope === 'all') left = mark.clean(left, room)
  return left
}
