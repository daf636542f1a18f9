// Answers to stanzas: results and errors.
import type { Jid } from '../jid/jid.ts'
import type { Element } from '../xml/element.ts'
import { Iq, Message, Presence, type Stanza } from './stanza.ts'
import type { StanzaError } from './stanza-error.ts'

/** The result of a request, from where the request was sent (RFC 6120 §8.2.3). */
export function resultOf(iq: Iq, from: Jid, payload?: Element): Iq {
  return new Iq('result', { from, to: iq.from, id: iq.id, children: payload ? [payload] : [] })
}

/**
 * The error that answers a stanza, from where it was sent to, or `undefined` where none may be
 * sent: in answer to an error or a result (RFC 6120 §8.3.1). What was sent is not sent back: it may
 * be large, or hold a password, and the sender knows the stanza by its id.
 * `from` is who answers when the stanza was sent without `to`.
 */
export function errorOf(stanza: Stanza, error: StanzaError, from: Jid): Stanza | undefined {
  const parts = {
    from: stanza.to ?? from,
    to: stanza.from,
    id: stanza.id,
    children: error.details.returned ? [error.details.returned, error.toElement()] : [error.toElement()],
  }
  switch (stanza.kind) {
    case 'message':
      return stanza.type === 'error' ? undefined : new Message('error', parts)
    case 'presence':
      return stanza.type === 'error' ? undefined : new Presence('error', parts)
    case 'iq':
      // RFC 6120 §8.3.1: an empty id where there was none.
      return stanza.isRequest ? new Iq('error', { ...parts, id: stanza.id ?? '' }) : undefined
  }
}
