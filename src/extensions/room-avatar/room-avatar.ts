// XEP-0486: MUC Avatars
import { createHash } from 'node:crypto'
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { AnswerThen } from '../../host/iq.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { KeyValue } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { parseDocument } from '../../xml/xml.ts'
import { muc, type Room } from '../muc/muc.ts'

const namespace = 'vcard-temp'
const extra = 'room-avatar'

/** Keeps a vCard for each room, with its picture; owners set it, everybody may read it. */
export const roomAvatar = defineExtension({
  name: 'room-avatar',
  xep: { number: 486, version: '0.1.0' },
  needs: { muc },
  options: { maxBytes: integer(131_072, 'bytes of the vCard of one room, its pictures included') },
  setup(host, { muc }, { maxBytes }) {
    const kept: KeyValue<string> = host.store.keyValue('room-vcard')
    host.advertise(namespace)
    host.keep(muc.advertise(() => namespace))
    host.keep(
      muc.describe((room) => {
        const hashes = hashesOf(room)
        if (!hashes?.length) return undefined
        return { var: 'muc#roominfo_avatarhash', type: 'text-multi', label: 'Avatar hash', values: hashes }
      }),
    )
    host.keep(
      muc.iq.get(namespace, 'vCard', async (_iq, room) => {
        const text = hashesOf(room) && (await kept.get(room.local))
        const card = text === undefined ? undefined : parseDocument(text)
        return card && !('condition' in card) ? card : element('vCard', namespace)
      }),
    )
    host.keep(
      muc.iq.set(namespace, 'vCard', async (iq, room) => {
        if (room.affiliationOf(iq.from) !== 'owner' && !host.isAdmin(iq.from)) {
          throw new StanzaError('forbidden', 'only owners set the picture of a room')
        }
        const card = iq.payload as Element
        const text = card.children.length === 0 ? undefined : serialize(card)
        if (text !== undefined && Buffer.byteLength(text) > maxBytes) {
          throw new StanzaError('not-acceptable', `the vCard of a room has at most ${maxBytes} bytes`)
        }
        if (text === undefined) room.extras.delete(extra)
        else room.extras.set(extra, photoHashes(card))
        await Promise.all([kept.set(room.local, text), muc.keep(room)])
        return new AnswerThen(undefined, () => muc.tellChanged(room))
      }),
    )
    host.keep(muc.removed((room) => (hashesOf(room) ? kept.set(room.local, undefined) : undefined)))
  },
})

/** The hashes of the pictures in a room's vCard; `undefined` if it has no vCard. */
function hashesOf(room: Room): readonly string[] | undefined {
  return room.extras.get(extra) as readonly string[] | undefined
}

// §5.1 and XEP-0153 §2.1: of each picture the SHA-1 of its bytes.
function photoHashes(card: Element): string[] {
  return card.elements('PHOTO', namespace).flatMap((photo) => {
    const text = photo.child('BINVAL', namespace)?.text
    return text ? createHash('sha1').update(Buffer.from(text, 'base64')).digest('hex') : []
  })
}
