// XEP-0124 §7: what a session is held to, as its two sides agree when it begins.
import type { AnswerHeader } from '../header.ts'
import { streamNamespace } from '../header.ts'
import { type BodyAttributes, type RequestBody, xboshNamespace } from './body.ts'
import type { BoshLimits } from './limits.ts'

const highestVersion = '1.11'

/** What was agreed. */
export interface Terms {
  readonly waitSeconds: number
  readonly hold: number
  /** How many requests may be under way. */
  readonly requests: number
  /** Whether nothing is held, so that the client asks again and again (XEP-0124 §12). */
  readonly isPolling: boolean
  readonly inactivitySeconds: number
  readonly pollingSeconds: number
  readonly maxPauseSeconds: number
  readonly usesAcks: boolean
  /** Whether the client is from before binding conditions. */
  readonly isLegacy: boolean
}

/** What comes of what the client asks for. */
export function termsOf(first: RequestBody, limits: BoshLimits): Terms {
  const waitSeconds = Math.min(first.waitSeconds ?? limits.waitSeconds, limits.waitSeconds)
  const hold = Math.min(first.hold ?? 1, limits.hold)
  const isPolling = waitSeconds === 0 || hold === 0
  return {
    waitSeconds,
    hold,
    requests: hold + 1,
    isPolling,
    inactivitySeconds: isPolling ? limits.pollingInactivitySeconds : limits.inactivitySeconds,
    pollingSeconds: limits.pollingSeconds,
    maxPauseSeconds: limits.maxPauseSeconds,
    usesAcks: first.ack !== undefined,
    isLegacy: first.version === undefined,
  }
}

/** What the answer to the first request says of them. */
export function creationAttributes(
  first: RequestBody,
  sid: string,
  terms: Terms,
  header: AnswerHeader | undefined,
): BodyAttributes {
  return {
    sid,
    wait: terms.waitSeconds,
    requests: terms.requests,
    hold: terms.hold,
    inactivity: terms.inactivitySeconds,
    polling: terms.pollingSeconds,
    maxpause: terms.maxPauseSeconds,
    ver: first.version === undefined ? undefined : lowerVersion(first.version),
    ack: terms.usesAcks ? first.rid : undefined,
    from: header?.from,
    authid: header?.id,
    'xmlns:xmpp': xboshNamespace,
    'xmlns:stream': streamNamespace,
    'xmpp:version': '1.0',
    'xmpp:restartlogic': 'true',
  }
}

function lowerVersion(asked: string): string {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(asked) ?? []
  if (major === undefined) return highestVersion
  const [ours = 0, oursMinor = 0] = highestVersion.split('.').map(Number)
  const isLower = Number(major) < ours || (Number(major) === ours && Number(minor) < oursMinor)
  return isLower ? asked : highestVersion
}
