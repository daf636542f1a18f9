// XEP-0124 §11, §12: clients that ask too often.
import type { RequestBody } from './body.ts'
import type { Terms } from './terms.ts'

/** What is known when a request comes. */
export interface RequestHistory {
  readonly atMs: number
  /** Requests that are not answered, this one with them. */
  readonly unanswered: number
  /** The request before, if there was one. */
  readonly last: { readonly atMs: number; readonly isEmpty: boolean } | undefined
  /** Whether the last answer had nothing in it. */
  readonly lastAnswerWasEmpty: boolean
}

/** Whether a request only asks for news. */
export function isEmpty(body: RequestBody): boolean {
  return body.payloads.length === 0 && !body.isRestart && body.sid !== undefined && !isLast(body)
}

/** Whether one more than usual may be under way: to pause, or to end the session. */
function isLast({ type, pauseSeconds }: RequestBody): boolean {
  return type === 'terminate' || pauseSeconds !== undefined
}

/** Whether a request comes too soon, or while too many others are under way. */
export function isTooOften(body: RequestBody, terms: Terms, history: RequestHistory): boolean {
  const { last, unanswered } = history
  if (unanswered > terms.requests + (isLast(body) ? 1 : 0)) return true
  if (!last || !isEmpty(body) || history.atMs - last.atMs >= terms.pollingSeconds * 1000) return false
  if (terms.isPolling) return last.isEmpty && history.lastAnswerWasEmpty
  return unanswered >= terms.requests
}
