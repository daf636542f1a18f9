// XEP-0484: what clients say about the token that they bring.
import type { Element } from '../../xml/element.ts'

/** The namespace of FAST. */
export const fastNamespace = 'urn:xmpp:fast:0'

/** §3.6: whether the token that a client brings is to be worth nothing from now on. */
export function isInvalidation(request: Element): boolean {
  const text = request.child('fast', fastNamespace)?.attribute('invalidate')
  return text === 'true' || text === '1'
}

/** §3.4: the number of this use of the token; `undefined` if the client does not count, `NaN` if that is no number. */
export function countOf(request: Element): number | undefined {
  const text = request.child('fast', fastNamespace)?.attribute('count')
  if (text === undefined) return undefined
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}
