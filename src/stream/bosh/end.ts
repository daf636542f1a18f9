// XEP-0124 §17: how a session ends, and what the client is told.
import { escapeText } from '../../xml/serialize.ts'
import type { StreamError } from '../stream-error.ts'
import { bindingNamespace } from './body.ts'

/** The terminal binding conditions that are sent (XEP-0124 §17.2). */
export type TerminalCondition =
  | 'bad-request'
  | 'host-gone'
  | 'host-unknown'
  | 'improper-addressing'
  | 'item-not-found'
  | 'policy-violation'
  | 'remote-connection-failed'
  | 'remote-stream-error'
  | 'resource-constraint'
  | 'see-other-uri'

// Those that concern the place, and not what is said there, have names of their own.
const ownConditions: ReadonlySet<string> = new Set(['host-gone', 'host-unknown', 'improper-addressing'])

/** What ends a session whose stream has ended with `error`. */
export function conditionOf(error: StreamError): TerminalCondition {
  if (ownConditions.has(error.condition)) return error.condition as TerminalCondition
  return otherUri(error) === undefined ? 'remote-stream-error' : 'see-other-uri'
}

/** Where the client is to go instead, as an element, if it is sent anywhere. */
export function otherUri(error: StreamError | undefined): string | undefined {
  const address = error?.condition === 'see-other-host' ? error.details.address : undefined
  if (address === undefined || !/^https?:/.test(address)) return undefined
  return `<uri xmlns='${bindingNamespace}'>${escapeText(address)}</uri>`
}

const statusByCondition: Readonly<Record<string, number>> = {
  'bad-request': 400,
  'policy-violation': 403,
  'item-not-found': 404,
}

/** The HTTP status for a condition: clients from before XEP-0124 1.6 know nothing else (§17.1). */
export function statusOf(condition: TerminalCondition | undefined, isLegacy: boolean): number {
  return (isLegacy && statusByCondition[condition ?? '']) || 200
}
