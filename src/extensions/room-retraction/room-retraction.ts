// XEP-0424: Message Retraction, in rooms
import type { Undo } from '../../base/scope.ts'
import { defineExtension } from '../../host/extension.ts'
import { occupantIdNamespace, retractNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element, type Node } from '../../xml/element.ts'
import { muc, type Room, type RoomMessage } from '../muc/muc.ts'
import { occupantId } from '../occupant-id/occupant-id.ts'
import { roomStanzaIds } from '../room-stanza-ids/room-stanza-ids.ts'
import { type KeptMessage, type MessageKeeper, MessageKeepers } from './message-keepers.ts'
import { retractedElement, retractOf, tombstoneFeature, tombstoneOf } from './retraction-elements.ts'

export { type KeptMessage, type MessageKeeper, retractedElement, tombstoneOf }

/** What other extensions get of this one. */
export interface RoomRetraction {
  /** Has `keeper` asked for messages, and told of those that are retracted. */
  addKeeper(keeper: MessageKeeper): Undo
  /** The message with an id of the room's; refuses where it is known that there is none. */
  find(room: Room, id: string): Promise<Message | undefined>
  /** Puts tombstones in place of a message. */
  bury(room: Room, buried: KeptMessage, retracted: Element): Promise<void>
  /** Keeps what the room itself says about a retraction. */
  keep(room: Room, said: KeptMessage, when: number): Promise<void>
}

/** Lets those who said something in a room take it back, and nobody else. */
export const roomRetraction = defineExtension({
  name: 'room-retraction',
  xep: { number: 424, version: '0.4.2' },
  needs: { muc, occupantId, roomStanzaIds },
  setup(host, { muc, occupantId }): RoomRetraction {
    const keepers = new MessageKeepers()
    const isAuthor = ({ room, seat }: RoomMessage, original: Message) =>
      original.child('occupant-id', occupantIdNamespace)?.attribute('id') ===
      occupantId.of(room, seat.occupant.bare)
    const bury = async (room: Room, id: string, { id: by }: Message, when: number) => {
      const message = await keepers.find(room, id)
      if (message) await keepers.bury(room, { id, message }, retractedElement(by, when))
    }
    host.keep(muc.advertise(() => retractNamespace))
    host.keep(muc.advertise((room) => (keepers.hasTombstones(room) ? tombstoneFeature : undefined)))
    host.keep(muc.mark({ scope: 'all', clean: withoutTombstones }))
    host.keep(
      muc.message.check((item) => {
        const id = retractedId(item.message)
        if (id === undefined) return
        const check = (original: Message | undefined) => {
          if (original ? !isAuthor(item, original) : keepers.isComplete) throw refusal(original, item.room)
        }
        const found = keepers.find(item.room, id)
        if (found instanceof Promise) return found.then(check)
        check(found)
      }),
    )
    host.keep(
      muc.message.archive(({ room, message, when }) => {
        const id = retractedId(message)
        if (id !== undefined) return bury(room, id, message, when)
      }),
    )
    return {
      addKeeper: (keeper) => keepers.add(keeper),
      async find(room, id) {
        const found = await keepers.find(room, id)
        if (!found && keepers.isComplete) throw refusal(undefined, room)
        return found
      },
      bury: (room, buried, retracted) => keepers.bury(room, buried, retracted),
      keep: (room, said, when) => keepers.keep(room, said, when),
    }
  },
})

/** The id of the message that this one takes back. */
function retractedId(message: Message): string | undefined {
  const retract = retractOf(message)
  if (!retract) return undefined
  const id = retract.attribute('id')
  if (!id) throw new StanzaError('bad-request', 'which message is taken back?')
  return id
}

// §5: only who said something takes it back.
function refusal(original: Message | undefined, room: Room): StanzaError {
  return original
    ? new StanzaError('forbidden', 'that was said by somebody else', { by: room.jid })
    : new StanzaError('item-not-found', 'nothing of that id was said here', { by: room.jid })
}

/**
 * Takes away what would say that a message was retracted, or that a moderator did it: that is the room's to say. Of
 * several retractions in one message the first one counts, and the others go too.
 */
function withoutTombstones(nodes: readonly Node[]): readonly Node[] {
  if (!nodes.some(isOfRetraction)) return nodes
  const first = nodes.find((node) => typeof node !== 'string' && node.is('retract', retractNamespace))
  const id = typeof first === 'object' ? first.attribute('id') : undefined
  const kept = nodes.filter((node) => !isOfRetraction(node))
  return first ? [element('retract', retractNamespace, { id }), ...kept] : kept
}

function isOfRetraction(node: Node): boolean {
  return typeof node !== 'string' && ownNamespaces.has(node.namespace)
}

const ownNamespaces: ReadonlySet<string> = new Set([retractNamespace, 'urn:xmpp:message-moderate:1'])
