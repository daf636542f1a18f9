// XEP-0198: the elements of stream management.
import { type StanzaErrorCondition, stanzasNamespace } from '../../stanza/stanza-error.ts'
import { StreamError } from '../../stream/stream-error.ts'
import { type Element, element } from '../../xml/element.ts'

export const smNamespace = 'urn:xmpp:sm:3'

/** Counters run from 0 to 2^32 - 1 and then begin anew (§4). */
export const counterSpan = 2 ** 32

/** What `<enabled/>` says besides that it is. */
export interface EnabledParts {
  readonly id: string
  readonly isResumable: boolean
  /** Seconds. */
  readonly max: number
  readonly location: string | undefined
}

export function enabledElement({ id, isResumable, max, location }: EnabledParts): Element {
  if (!isResumable) return element('enabled', smNamespace)
  return element('enabled', smNamespace, { id, resume: 'true', max: String(max), location })
}

export function resumedElement(previd: string, h: number): Element {
  return element('resumed', smNamespace, { previd, h: String(h) })
}

/** §6; `h` is told where the session is known, but over. */
export function failedElement(condition: StanzaErrorCondition, h?: number): Element {
  const attributes = { h: h === undefined ? undefined : String(h) }
  return element('failed', smNamespace, attributes, element(condition, stanzasNamespace))
}

export function ackElement(h: number): Element {
  return element('a', smNamespace, { h: String(h) })
}

export const ackRequest = element('r', smNamespace)

/** §6: the client says it has had more than it was sent. */
export function countTooHigh(h: number, sent: number): StreamError {
  return new StreamError(
    'undefined-condition',
    `You acknowledged ${h} stanzas, but I only sent you ${sent} so far.`,
    {
      application: element('handled-count-too-high', smNamespace, {
        h: String(h),
        'send-count': String(sent),
      }),
    },
  )
}

/** The counter in an attribute; `undefined` if it is none. */
export function parseCounter(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined
  const value = Number(text)
  return value < counterSpan ? value : undefined
}

/** An XML Schema boolean. */
export function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1'
}
