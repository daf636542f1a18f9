// XEP-0433 §4.2.2: the errors of a search.
import { StanzaError, type StanzaErrorCondition, type StanzaErrorType } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'

const errorNamespace = 'urn:xmpp:channel-search:0:error'

/** §4.2.2.4: too many searches; again in `seconds`. */
export function rateLimited(seconds: number): StanzaError {
  const application = element('rate-limit', errorNamespace, { 'retry-after': String(seconds) })
  return new StanzaError('resource-constraint', 'too many searches', { type: 'wait', application })
}

/** §4.2.2.6: fields that do not go together. */
export function conflictingFields(text: string, ...names: string[]): StanzaError {
  const fields = names.map((name) => element('var', errorNamespace, {}, name))
  return refusal('bad-request', 'modify', text, element('conflicting-fields', errorNamespace, {}, ...fields))
}

/** Any other refusal, with its application's condition. */
export function searchRefusal(
  condition: StanzaErrorCondition,
  type: StanzaErrorType,
  name: 'full-set-retrieval-rejected' | 'invalid-search-terms' | 'invalid-sort-key' | 'no-search-conditions',
  text: string,
): StanzaError {
  return refusal(condition, type, text, element(name, errorNamespace))
}

function refusal(
  condition: StanzaErrorCondition,
  type: StanzaErrorType,
  text: string,
  application: Element,
): StanzaError {
  return new StanzaError(condition, text, { type, application })
}
