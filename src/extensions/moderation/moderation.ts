// XEP-0425: Moderated Message Retraction
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { retractNamespace } from '../../stanza/namespaces.ts'
import { type Iq, Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { withStanzaId } from '../../stanza/stanza-id.ts'
import { type Element, element } from '../../xml/element.ts'
import { muc, type Room } from '../muc/muc.ts'
import { occupantId, occupantIdElement } from '../occupant-id/occupant-id.ts'
import { retractedElement, roomRetraction } from '../room-retraction/room-retraction.ts'

const namespace = 'urn:xmpp:message-moderate:1'

/** What a moderator asks for. */
interface Moderation {
  /** The room's id of the message. */
  readonly id: string
  readonly reason: string | undefined
}

/** Lets moderators of a room retract what others said. */
export const moderation = defineExtension({
  name: 'moderation',
  xep: { number: 425, version: '0.3.0' },
  needs: { muc, occupantId, roomRetraction },
  options: { reasonLength: integer(1024, 'characters of a reason; longer ones are cut') },
  setup(host, { muc, occupantId, roomRetraction }, { reasonLength }) {
    host.keep(muc.advertise(() => namespace))
    host.keep(
      muc.iq.set(namespace, 'moderate', async (iq, room) => {
        if (room.roleOf(iq.from) !== 'moderator') {
          throw new StanzaError('forbidden', 'only moderators retract what others said')
        }
        const { id, reason } = parse(iq, reasonLength)
        const when = host.clock.now()
        const by = host.ids.id()
        const moderated = moderatedElement(room, iq.from, occupantId.of(room, iq.from.bare))
        const why = reason ? [element('reason', retractNamespace, {}, reason)] : []
        const original = await roomRetraction.find(room, id)
        if (original) {
          const retracted = retractedElement(by, when, moderated, ...why)
          await roomRetraction.bury(room, { id, message: original }, retracted)
        }
        const retract = element('retract', retractNamespace, { id }, moderated, ...why)
        const stanzaId = host.ids.ordered(when)
        const message = withStanzaId(retraction(room, by, retract), room.jid, stanzaId)
        await roomRetraction.keep(room, { id: stanzaId, message }, when)
        broadcast(host, room, message)
      }),
    )
  },
})

function parse(iq: Iq, reasonLength: number): Moderation {
  const moderate = iq.payload
  const id = moderate?.attribute('id')
  if (!moderate || !id) throw new StanzaError('bad-request', 'which message?')
  if (!moderate.child('retract', retractNamespace)) {
    throw new StanzaError('feature-not-implemented', 'messages can be retracted, and no more')
  }
  return { id, reason: moderate.child('reason')?.text.slice(0, reasonLength) }
}

/** §3.1: by which occupant, with its id; by the room where a moderator is not inside. */
function moderatedElement(room: Room, moderator: Jid, occupant: string): Element {
  const by = room.seatOf(moderator)?.occupant.jid ?? room.jid
  return element('moderated', namespace, { by: by.toString() }, occupantIdElement(occupant))
}

function retraction(room: Room, id: string, retract: Element): Message {
  return new Message('groupchat', { from: room.jid, id, children: [retract] })
}

function broadcast(host: ScopedHost, room: Room, message: Message): void {
  for (const seat of room.seats.values()) host.route(message.with({ to: seat.jid }))
}
