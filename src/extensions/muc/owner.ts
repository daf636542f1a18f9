// XEP-0045 §10: muc#owner, with which a room is configured and destroyed.
import { AnswerThen, type IqAnswer } from '../../host/iq.ts'
import { type Jid, parseJid } from '../../jid/jid.ts'
import { formNamespace, parseForm } from '../../stanza/form.ts'
import { mucOwnerNamespace, mucUserNamespace } from '../../stanza/namespaces.ts'
import { type Iq, Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { actorOf } from './admin.ts'
import type { Role } from './affiliation.ts'
import { checkAffiliationEdits } from './affiliation-check.ts'
import { applyAffiliationEdits, removeNonMembers } from './affiliation-edit.ts'
import type { Conference } from './conference.ts'
import { type ConfigChange, configForm, readConfigChange } from './config-form.ts'
import { destroyRoom } from './destroy.ts'
import { roomConfigForm } from './namespaces.ts'
import { announceHiding, announceToOthers } from './presence.ts'
import type { Room } from './room.ts'
import { presenceBroadcast } from './settings/presence-broadcast.ts'
import type { RoomConfig } from './settings/room-config.ts'
import type { RoomSetting } from './settings/setting.ts'
import { status } from './user-element.ts'

/** Answers muc#owner for every room. */
export function addOwnerRequests(conference: Conference): void {
  conference.iq.add('get', mucOwnerNamespace, 'query', (iq, room) => {
    checkOwner(room, iq.from)
    return element('query', mucOwnerNamespace, {}, configForm(conference, room))
  })
  conference.iq.add('set', mucOwnerNamespace, 'query', (iq, room) => {
    checkOwner(room, iq.from)
    return set(conference, room, iq)
  })
}

function checkOwner(room: Room, jid: Jid): void {
  if (room.affiliationOf(jid) !== 'owner') throw new StanzaError('forbidden', 'only owners do that')
}

function set(conference: Conference, room: Room, iq: Iq): IqAnswer | Promise<IqAnswer> {
  const query = iq.payload
  const destroy = query?.child('destroy')
  if (destroy) return destroyBy(conference, room, destroy)
  const x = query?.child('x', formNamespace)
  if (!x) throw new StanzaError('bad-request', 'a form or a request to destroy is needed')
  switch (x.attribute('type')) {
    case 'cancel':
      return cancel(conference, room)
    case 'submit':
      return submit(conference, room, iq, x)
    default:
      throw new StanzaError('bad-request', 'a form is submitted or cancelled')
  }
}

// XEP-0045 §10.1.3: a room that never was configured is given up; §10.2: of another, nothing changes.
function cancel(conference: Conference, room: Room): void | Promise<void> {
  if (room.isLocked) return destroyRoom(conference, room)
}

function destroyBy(conference: Conference, room: Room, destroy: Element): Promise<void> {
  const venue = destroy.attribute('jid')
  const to = venue === undefined ? undefined : parseJid(venue)
  if (venue !== undefined && !to) throw new StanzaError('jid-malformed', 'the other room has no such address')
  return destroyRoom(conference, room, {
    ...(to ? { venue: to } : {}),
    reason: destroy.child('reason')?.text.slice(0, conference.options.reasonLength),
    password: destroy.child('password')?.text,
  })
}

async function submit(conference: Conference, room: Room, iq: Iq, x: Element): Promise<AnswerThen> {
  const submitted = parseForm(x)
  if (submitted.formType !== undefined && submitted.formType !== roomConfigForm) {
    throw new StanzaError('bad-request', `that is not a form of ${roomConfigForm}`)
  }
  const change = readConfigChange(conference, room, submitted)
  const { edits } = change
  if (edits.length > 0) checkAffiliationEdits(conference, room, iq.from, edits)
  const before = room.config
  apply(conference, room, change, iq.from)
  await conference.rooms.save(
    room,
    edits.map(({ jid }) => jid.toString()),
  )
  // XEP-0045 §10.2.1: occupants hear of it, after the owner has got the result.
  return new AnswerThen(undefined, () => announceConfig(conference, room, before, change.changed))
}

function apply(conference: Conference, room: Room, { config, edits, changed }: ConfigChange, by: Jid): void {
  const shownBefore = room.config.get(presenceBroadcast)
  room.config = config
  room.isLocked = false
  applyAffiliationEdits(conference, room, edits, actorOf(room, by))
  if (room.isMembersOnly) removeNonMembers(conference, room)
  // What others see of an occupant may be another thing now.
  if (changed.length > 0) for (const occupant of room.occupantsByNick.values()) occupant.changed()
  showAndHide(conference, room, shownBefore)
}

/** Those whose presence was shown and is no longer are gone for the others; those who are shown now have come. */
function showAndHide(conference: Conference, room: Room, before: readonly Role[]): void {
  const now = room.config.get(presenceBroadcast)
  for (const occupant of room.occupantsByNick.values()) {
    const isShown = now.includes(occupant.role)
    if (isShown === before.includes(occupant.role)) continue
    if (isShown) announceToOthers(conference, room, occupant)
    else announceHiding(conference, room, occupant)
  }
}

/** Tells occupants which kinds of settings have changed (XEP-0045 §10.2.1). */
function announceConfig(
  conference: Conference,
  room: Room,
  before: RoomConfig,
  changed: readonly RoomSetting[],
): void {
  if (changed.length === 0) return
  const codes = new Set(
    changed.flatMap((setting) => setting.codes?.(room.config.get(setting), before.get(setting)) ?? [104]),
  )
  tellCodes(conference, room, [...codes].sort())
}

/** Sends everybody in a room a message that has status codes and nothing else (XEP-0045 §10.2.1). */
export function tellCodes(conference: Conference, room: Room, codes: readonly number[]): void {
  const x = element('x', mucUserNamespace, {}, ...codes.map(status))
  const message = new Message('groupchat', { from: room.jid, children: [x] })
  for (const seat of room.seats.values()) conference.send(message.with({ to: seat.jid }))
}
