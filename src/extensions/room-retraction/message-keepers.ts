// XEP-0424 §4: those who keep what was said in rooms, and put tombstones in its place.
import type { Undo } from '../../base/scope.ts'
import { correctNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import { stanzaIdOf } from '../../stanza/stanza-id.ts'
import type { Element } from '../../xml/element.ts'
import type { Room } from '../muc/muc.ts'
import { tombstoneOf } from './retraction-elements.ts'

/** A message that is kept, by the id that the room gave it. */
export interface KeptMessage {
  readonly id: string
  readonly message: Message
}

/** Keeps messages of rooms: the history of those who enter, an archive. */
export interface MessageKeeper {
  /** Whether what it does not know was never said. */
  readonly isComplete: boolean
  /** Whether tombstones in a room can be seen by who reads its archive. */
  hasTombstones?(room: Room): boolean
  find(room: Room, id: string): Message | undefined | Promise<Message | undefined>
  /** Replaces a message, which it may not have, by what is left of it. Corrections of it (XEP-0308) go as well. */
  bury(room: Room, buried: KeptMessage, retracted: Element): void | Promise<void>
  /** Keeps what the room itself says about a retraction. */
  add?(room: Room, said: KeptMessage, when: number): void | Promise<void>
}

/** All that keep messages. */
export class MessageKeepers {
  readonly #keepers = new Set<MessageKeeper>([roomHistory])

  add(keeper: MessageKeeper): Undo {
    this.#keepers.add(keeper)
    return () => this.#keepers.delete(keeper)
  }

  /** Whether it is known of any message if it was said. */
  get isComplete(): boolean {
    for (const keeper of this.#keepers) if (keeper.isComplete) return true
    return false
  }

  /** Whether somebody who reads an archive of a room finds tombstones there. */
  hasTombstones(room: Room): boolean {
    for (const keeper of this.#keepers) if (keeper.hasTombstones?.(room)) return true
    return false
  }

  /** The message with an id of the room's, if anybody has it. */
  find(room: Room, id: string): Message | undefined | Promise<Message | undefined> {
    return roomHistory.find(room, id) ?? (this.#keepers.size > 1 ? this.#ask(room, id) : undefined)
  }

  /** Replaces a message everywhere. */
  async bury(room: Room, buried: KeptMessage, retracted: Element): Promise<void> {
    for (const keeper of this.#keepers) await keeper.bury(room, buried, retracted)
  }

  /** Has those keep what the room says who do so. */
  async keep(room: Room, said: KeptMessage, when: number): Promise<void> {
    for (const keeper of this.#keepers) await keeper.add?.(room, said, when)
  }

  async #ask(room: Room, id: string): Promise<Message | undefined> {
    for (const keeper of this.#keepers) {
      const found = await keeper.find(room, id)
      if (found) return found
    }
  }
}

/** What is kept in a room for those who enter. */
const roomHistory = {
  isComplete: false,
  find: (room: Room, id: string) => room.history.search((message) => stanzaIdOf(message, room.jid) === id),
  bury(room: Room, { id, message: buried }: KeptMessage, retracted: Element): void {
    room.history.rewrite((message) =>
      stanzaIdOf(message, room.jid) === id || isCorrection(message, buried)
        ? tombstoneOf(message, retracted)
        : message,
    )
  },
} satisfies MessageKeeper

// XEP-0308 §3: who corrects a message says it again, under the id that its first version had.
function isCorrection(message: Message, corrected: Message): boolean {
  const id = message.child('replace', correctNamespace)?.attribute('id')
  return id !== undefined && id === corrected.id && message.from.equals(corrected.from)
}
