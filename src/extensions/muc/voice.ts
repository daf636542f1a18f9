// XEP-0045 §7.13 and §8.6: asking for voice, and granting it by a form.
import { parseJid } from '../../jid/jid.ts'
import { form, formIn, parseBoolean, type SubmittedForm } from '../../stanza/form.ts'
import { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { actorOf } from './admin.ts'
import { type Conference, refusal } from './conference.ts'
import type { Occupant, Seat } from './occupant.ts'
import { applyRoleEdits, checkRoleEdits } from './role-edit.ts'
import type { Room } from './room.ts'

const formType = 'http://jabber.org/protocol/muc#request'

/** The voice form that a message submits, or `undefined` if it submits none. */
export function voiceForm(message: Message): SubmittedForm | undefined {
  const submitted = formIn(message)
  return submitted?.type === 'submit' && submitted.formType === formType ? submitted : undefined
}

/** Requests for voice, and what moderators answer. */
export class VoiceRequests {
  readonly #conference: Conference
  /** When an occupant asked last, in milliseconds since 1970. */
  readonly #askedAt = new WeakMap<Occupant, number>()

  constructor(conference: Conference) {
    this.#conference = conference
  }

  /** @throws StanzaError if the sender may not ask, or grant, this */
  receive(room: Room, sender: Seat, submitted: SubmittedForm): void {
    const allow = submitted.values.get('muc#request_allow')?.[0]
    if (allow === undefined) this.#ask(room, sender, submitted)
    else if (parseBoolean(allow)) this.#grant(room, sender, submitted)
  }

  #ask(room: Room, sender: Seat, submitted: SubmittedForm): void {
    const { host, options } = this.#conference
    const { occupant } = sender
    const isForVoice = (submitted.values.get('muc#role')?.[0] ?? 'participant') === 'participant'
    if (occupant.role !== 'visitor' || !isForVoice)
      throw refusal(room, 'bad-request', 'visitors ask for voice')
    const now = host.clock.now()
    const askedAt = this.#askedAt.get(occupant) ?? Number.NEGATIVE_INFINITY
    if (now - askedAt < options.voiceRequestSeconds * 1000) {
      throw refusal(room, 'policy-violation', 'the moderators have been asked', 'wait')
    }
    this.#askedAt.set(occupant, now)
    const request = new Message('normal', { from: room.jid, children: [approvalForm(sender)] })
    for (const seat of room.seats.values()) {
      if (seat.occupant.role === 'moderator') this.#conference.send(request.with({ to: seat.jid }))
    }
  }

  #grant(room: Room, sender: Seat, submitted: SubmittedForm): void {
    const occupant = room.occupant(submitted.values.get('muc#roomnick')?.[0] ?? '')
    const jid = parseJid(submitted.values.get('muc#jid')?.[0] ?? '')
    // Somebody else may have the nick by now.
    if (!occupant || (jid && !jid.bare.equals(occupant.bare))) {
      throw new StanzaError('item-not-found', 'nobody who asked has that nick')
    }
    const edits = [{ occupant, role: 'participant' as const }]
    checkRoleEdits(room, sender.jid, edits)
    // Another moderator was faster.
    if (occupant.role === 'visitor') applyRoleEdits(this.#conference, room, edits, actorOf(room, sender.jid))
  }
}

function approvalForm({ jid, occupant }: Seat) {
  return form({
    type: 'form',
    formType,
    title: 'Voice request',
    instructions: 'To let this person speak, choose to grant voice and submit the form.',
    fields: [
      { var: 'muc#role', type: 'list-single', label: 'Requested role', values: ['participant'] },
      { var: 'muc#jid', type: 'jid-single', label: 'User ID', values: [jid.toString()] },
      { var: 'muc#roomnick', type: 'text-single', label: 'Room nickname', values: [occupant.nick] },
      { var: 'muc#request_allow', type: 'boolean', label: 'Grant voice to this person?', values: ['0'] },
    ],
  })
}
