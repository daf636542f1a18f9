// XEP-0045 §9.9: registrations that wait for an admin's approval. They are kept with the room.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { form, formIn, parseBoolean, type SubmittedForm } from '../../stanza/form.ts'
import { Message } from '../../stanza/stanza.ts'
import type { Element } from '../../xml/element.ts'
import { isAtLeast } from './affiliation.ts'
import { applyAffiliationEdits } from './affiliation-edit.ts'
import { type Conference, refusal } from './conference.ts'
import { mucRegisterForm } from './namespaces.ts'
import type { Room } from './room.ts'

/** The field with the nick that somebody wants. */
export const nickField = 'muc#register_roomnick'
const allowField = 'muc#register_allow'
const jidField = 'muc#jid'
const extrasName = 'muc registrations'

type Requests = { readonly [address: string]: string }

/** The approval form that a message submits, or `undefined` if it submits none. */
export function approvalForm(message: Message): SubmittedForm | undefined {
  const submitted = formIn(message)
  return submitted?.type === 'submit' && submitted.formType === mucRegisterForm ? submitted : undefined
}

/**
 * Remembers that somebody wants to be a member under a nick, and asks the admins, once for each who asks.
 * @throws StanzaError if too many wait already
 */
export function askForMembership(
  conference: Conference,
  room: Room,
  account: Jid,
  nick: string,
): Promise<void> {
  const waiting = requestsOf(room)
  const address = account.bare.toString()
  const isNew = !waiting.has(address)
  if (isNew && waiting.size >= conference.options.registrations) {
    throw refusal(room, 'resource-constraint', 'too many wait for an answer; try again later', 'wait')
  }
  const isSame = waiting.get(address) === nick
  waiting.set(address, nick)
  if (isSame) return Promise.resolve()
  keep(room, waiting)
  if (isNew) askAdmins(conference, room, account.bare, nick)
  return conference.rooms.save(room)
}

/**
 * Takes an admin's answer: who is approved becomes a member, whoever is not waits no longer.
 * @throws StanzaError forbidden, item-not-found for whoever does not wait, conflict if the nick is taken by now
 */
export function answerRequest(
  conference: Conference,
  room: Room,
  admin: Jid,
  submitted: SubmittedForm,
): Promise<void> {
  if (!isAtLeast(room.affiliationOf(admin), 'admin')) {
    throw refusal(room, 'forbidden', 'only admins approve registrations')
  }
  const jid = parseJid(submitted.values.get(jidField)?.[0] ?? '')?.bare
  const waiting = requestsOf(room)
  const nick = jid && waiting.get(jid.toString())
  if (!jid || nick === undefined) throw refusal(room, 'item-not-found', 'nobody of that address asked')
  const isAllowed = parseBoolean(submitted.values.get(allowField)?.[0] ?? '0')
  if (isAllowed === undefined) throw refusal(room, 'bad-request', 'yes or no?')
  if (isAllowed && room.isNickOfOther(nick, jid)) throw refusal(room, 'conflict', 'that nick is taken by now')
  waiting.delete(jid.toString())
  keep(room, waiting)
  // Somebody else may have decided otherwise of this address meanwhile.
  const isStranger = room.affiliations.entry(jid.toString()) === undefined
  if (!isAllowed || !isStranger) return conference.rooms.save(room)
  applyAffiliationEdits(conference, room, [{ jid, affiliation: 'member', nick }], undefined)
  return conference.rooms.save(room, [jid.toString()])
}

/** Whether an address waits for an answer. */
export function hasAsked(room: Room, address: string): boolean {
  return room.extras.has(extrasName) && requestsOf(room).has(address)
}

/** An address waits no longer; what is to be kept is for the caller to keep. */
export function forgetRequest(room: Room, address: string): void {
  if (!hasAsked(room, address)) return
  const waiting = requestsOf(room)
  waiting.delete(address)
  keep(room, waiting)
}

function askAdmins(conference: Conference, room: Room, account: Jid, nick: string): void {
  const request = new Message('normal', { from: room.jid, children: [requestForm(account, nick)] })
  const present = new Set<string>()
  for (const seat of room.seats.values()) {
    if (!isAtLeast(room.affiliationOf(seat.jid), 'admin')) continue
    present.add(seat.jid.bare.toString())
    conference.send(request.with({ to: seat.jid }))
  }
  for (const [address] of [...room.affiliations.list('owner'), ...room.affiliations.list('admin')]) {
    const admin = present.has(address) ? undefined : parseJid(address)
    if (admin && admin.local !== '') conference.send(request.with({ to: admin }))
  }
}

function requestForm(account: Jid, nick: string): Element {
  return form({
    type: 'form',
    formType: mucRegisterForm,
    title: 'Registration request',
    instructions: 'To make this person a member, choose to allow it and submit the form.',
    fields: [
      { var: jidField, type: 'jid-single', label: 'User ID', values: [account.toString()] },
      { var: nickField, type: 'text-single', label: 'Desired nickname', values: [nick] },
      {
        var: allowField,
        type: 'boolean',
        label: 'Allow this person to register with the room?',
        values: ['0'],
      },
    ],
  })
}

function requestsOf(room: Room): Map<string, string> {
  return new Map(Object.entries((room.extras.get(extrasName) as Requests | undefined) ?? {}))
}

function keep(room: Room, requests: ReadonlyMap<string, string>): void {
  if (requests.size === 0) room.extras.delete(extrasName)
  else room.extras.set(extrasName, Object.fromEntries(requests))
}
