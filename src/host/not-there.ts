// RFC 6121 §8.5: what is told of an account that is not there.
import { StanzaError } from '../stanza/stanza-error.ts'

/**
 * The refusal for an account or a resource that does not exist, and for one that does not want to be seen by who asks:
 * the same in every word, so that nobody can tell which it is (RFC 6121 §8.5.1, XEP-0191 §3.3).
 */
export function notThere(): StanzaError {
  return new StanzaError('service-unavailable')
}
