// RFC 6120 §8.3.3.8: the answer to a stanza whose `to` is no address.
import { type Jid, parseJid } from '../jid/jid.ts'
import { StanzaError } from '../stanza/stanza-error.ts'

/** Code points that nobody sees and no address has (RFC 8264 §9.13), such as the variation selectors of emoji. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu

/** The address that was probably meant: by its room, a client knows which of its nicks was refused (XEP-0045 §7.2). */
export function meantAddress(to: string | undefined): Jid | undefined {
  return to === undefined ? undefined : parseJid(to.replace(invisible, ''))
}

/** What is wrong with a `to` where `meant` is what it was probably meant to be. */
export function malformedTo(meant: Jid | undefined): StanzaError {
  if (!meant || meant.isBare) return new StanzaError('jid-malformed', 'the `to` is no address')
  // In the words of other servers: it is what people get to see who choose such a nick for a room.
  return new StanzaError('jid-malformed', 'Nickname must pass strict validation', { by: meant.bare })
}
