// XEP-0045 §7.10: registering with a room, which makes a member with a nick of one's own.
import type { Jid } from '../../jid/jid.ts'
import { form, formNamespace, parseForm } from '../../stanza/form.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { type Affiliation, isAtLeast } from './affiliation.ts'
import { applyAffiliationEdits } from './affiliation-edit.ts'
import type { Conference } from './conference.ts'
import { checkNick } from './nick.ts'
import type { Room } from './room.ts'

const namespace = 'jabber:iq:register'
const formType = 'http://jabber.org/protocol/muc#register'
const nickField = 'muc#register_roomnick'

/** Answers jabber:iq:register for every room. */
export function addRegistration(conference: Conference): void {
  conference.iq.add('get', namespace, 'query', (iq, room) => requirements(room, iq.from))
  conference.iq.add('set', namespace, 'query', (iq, room) => set(conference, room, iq))
}

function requirements(room: Room, from: Jid): Element {
  checkMember(room, from)
  const nick = room.affiliations.entry(from.bare.toString())?.nick
  if (nick !== undefined) {
    return element(
      'query',
      namespace,
      {},
      element('registered', namespace),
      element('username', namespace, {}, nick),
    )
  }
  const field = { var: nickField, type: 'text-single', label: 'Nickname', isRequired: true } as const
  return element('query', namespace, {}, form({ type: 'form', formType, fields: [field] }))
}

function set(conference: Conference, room: Room, iq: Iq): Promise<void> {
  const affiliation = checkMember(room, iq.from)
  const query = iq.payload
  if (query?.child('remove')) {
    // A member's registration is the membership; what admins and owners are does not come from it.
    const remaining = isAtLeast(affiliation, 'admin') ? affiliation : 'none'
    return edit(conference, room, iq.from.bare, remaining, null)
  }
  const x = query?.child('x', formNamespace)
  const submitted = x && parseForm(x)
  const nick = submitted?.values.get(nickField)?.[0]
  if (submitted?.type !== 'submit' || submitted.formType !== formType || !nick) {
    throw new StanzaError('bad-request', `a form of ${formType} with a nick is needed`)
  }
  const wanted = room.jid.withResource(nick)
  if (!wanted) throw new StanzaError('jid-malformed', 'that is no nick')
  checkNick(conference, room, wanted, iq.from)
  return edit(conference, room, iq.from.bare, affiliation, wanted.resource)
}

/** XEP-0045 §7.10: who is not on the lists is let on them by admins only. */
function checkMember(room: Room, from: Jid): Affiliation {
  const affiliation = room.affiliations.entry(from.bare.toString())?.affiliation ?? 'none'
  if (affiliation === 'outcast') throw new StanzaError('forbidden', 'you are banned from this room')
  if (affiliation === 'none') {
    throw new StanzaError('registration-required', 'admins of the room choose its members')
  }
  return affiliation
}

function edit(
  conference: Conference,
  room: Room,
  jid: Jid,
  affiliation: Affiliation,
  nick: string | null,
): Promise<void> {
  // Whoever does this oneself needs neither an invitation nor to be told.
  applyAffiliationEdits(conference, room, [{ jid, affiliation, nick }], undefined, { invites: false })
  return conference.rooms.save(room, [jid.toString()])
}
