// XEP-0045 §6.4-6.5: what a room says of itself.
import { type Field, form } from '../../stanza/form.ts'
import { mucNamespace, registerNamespace } from '../../stanza/namespaces.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Value } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import {
  discoInfoElement,
  discoInfoNamespace,
  discoItemsElement,
  discoItemsNamespace,
} from '../disco/disco.ts'
import type { Conference } from './conference.ts'
import { roomInfoForm } from './namespaces.ts'
import type { Room } from './room.ts'
import type { RoomConfig } from './settings/room-config.ts'
import type { RoomSetting } from './settings/setting.ts'

/** Features every room has. */
const roomFeatures = [
  discoInfoNamespace,
  discoItemsNamespace,
  mucNamespace,
  'http://jabber.org/protocol/muc#stable_id',
  // XEP-0410 §4
  'http://jabber.org/protocol/muc#self-ping-optimization',
  'urn:xmpp:ping',
  registerNamespace,
]

/** Answers disco for every room. */
export function addRoomDisco(conference: Conference): void {
  conference.iq.add('get', discoInfoNamespace, 'query', (iq, room) => roomInfo(conference, room, iq))
  conference.iq.add('get', 'urn:xmpp:ping', 'ping', () => {})
  conference.iq.add('get', discoItemsNamespace, 'query', (iq, room) => roomItems(room, iq))
}

function roomInfo(conference: Conference, room: Room, iq: Iq): Element {
  const node = iq.payload?.attribute('node')
  if (node === 'x-roomuser-item') return reservedNick(room, iq, node)
  refuseNode(node)
  const features = [...roomFeatures]
  for (const setting of conference.settings.all) {
    const feature = featureOf(setting, room.config)
    if (feature !== undefined) features.push(feature)
  }
  for (const make of conference.features) {
    const feature = make(room)
    if (feature !== undefined) features.push(feature)
  }
  return discoInfoElement({
    identities: [{ category: 'conference', type: 'text', name: room.title }],
    features,
    forms: [infoForm(conference, room, iq)],
  })
}

// XEP-0045 §7.12
function reservedNick(room: Room, iq: Iq, node: string): Element {
  const nick = room.affiliations.entry(iq.from.bare.toString())?.nick
  const identities = nick === undefined ? [] : [{ category: 'conference', type: 'text', name: nick }]
  return discoInfoElement({ node, identities, features: [] })
}

function infoForm({ settings, infoFields }: Conference, room: Room, iq: Iq): Element {
  const fields: Field[] = []
  for (const setting of settings.all) {
    const field = infoField(setting, room.config)
    if (field) fields.push(field)
  }
  for (const make of infoFields) {
    const field = make(room)
    if (field) fields.push(field)
  }
  // XEP-0045 §14.4: of a room one may not find or enter, only those inside learn who and what is there.
  if ((room.isPublic && !room.isMembersOnly) || room.roleOf(iq.from) !== 'none') {
    const occupants = String(room.occupantsByNick.size)
    fields.push({ var: 'muc#roominfo_occupants', type: 'text-single', values: [occupants] })
    const subject = room.subject?.elements[0]?.text
    if (subject) fields.push({ var: 'muc#roominfo_subject', type: 'text-single', values: [subject] })
  }
  return form({ type: 'result', formType: roomInfoForm, fields })
}

function featureOf<V extends Value>(setting: RoomSetting<V>, config: RoomConfig): string | undefined {
  return setting.disco?.(config.get(setting))
}

function infoField<V extends Value>(setting: RoomSetting<V>, config: RoomConfig): Field | undefined {
  if (setting.roominfo === undefined) return undefined
  const { kind, label, roominfo } = setting
  return { var: roominfo, type: kind.type, label, values: kind.format(config.get(setting)) }
}

// XEP-0045 §6.5: occupants are listed for occupants; others get an empty list.
function roomItems(room: Room, iq: Iq): Element {
  refuseNode(iq.payload?.attribute('node'))
  if (!room.seatOf(iq.from)) return discoItemsElement([])
  const shown = [...room.occupantsByNick.values()].filter(({ role }) => room.showsPresenceOf(role))
  return discoItemsElement(shown.map(({ jid, nick }) => ({ jid, name: nick })))
}

// XEP-0045 §18.1.1 and XEP-0030 §3.2
function refuseNode(node: string | undefined): void {
  if (node === undefined) return
  if (node === 'http://jabber.org/protocol/muc#traffic') {
    throw new StanzaError('service-unavailable', 'all namespaces may be used here')
  }
  throw new StanzaError('item-not-found', 'no such node')
}
