// XEP-0363 §4, §5: how a slot is asked for and given.
import { parseDate } from '../../stanza/delay.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'

export const namespace = 'urn:xmpp:http:upload:0'
export const purposeNamespace = 'urn:xmpp:http:upload:purpose:0'

const purposes = ['message', 'profile', 'ephemeral', 'permanent'] as const

/** What a file is for, and so how long it is kept (§5). */
export type Purpose = (typeof purposes)[number]

/** What a client is going to send. */
export interface SlotRequest {
  readonly name: string
  /** In bytes, at least one. */
  readonly size: number
  /** In lower case, without parameters; undefined where none was said. */
  readonly type: string | undefined
  readonly purpose: Purpose
  /** Milliseconds since 1970; only for `ephemeral`. */
  readonly expireBefore: number | undefined
}

/**
 * Reads a request for a slot.
 * @throws StanzaError `bad-request` for what is missing or cannot be
 */
export function parseRequest({ payload }: Iq): SlotRequest {
  const request = payload as Element
  const purpose = purposeOf(request)
  return {
    name: parseName(request.attribute('filename')),
    size: parseSize(request.attribute('size')),
    type: parseType(request.attribute('content-type')),
    purpose,
    expireBefore: purpose === 'ephemeral' ? expiryOf(request) : undefined,
  }
}

/** §4: the answer; what is sent to `url` is found there. */
export function slotElement(url: string): Element {
  return element(
    'slot',
    namespace,
    {},
    element('put', namespace, { url }),
    element('get', namespace, { url }),
  )
}

// No file system allows more, and the address should stay of a length that all take.
const maxNameBytes = 255

/** The last part of what may be a path, without what cannot be seen. */
function parseName(written: string | undefined): string {
  const name = written
    ?.replace(/^.*[/\\]/s, '')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
  if (name === undefined || name === '' || name === '.' || name === '..')
    throw new StanzaError('bad-request', 'Invalid filename')
  if (Buffer.byteLength(name) > maxNameBytes)
    throw new StanzaError('bad-request', `the filename may have ${maxNameBytes} bytes`)
  return name
}

function parseSize(written = ''): number {
  const size = /^\s*\d{1,15}\s*$/.test(written) ? Number(written) : 0
  if (size === 0) throw new StanzaError('bad-request', 'File size must be positive integer')
  return size
}

/** A content type as RFC 9110 §8.3.1 has it, without its parameters. */
export function parseType(written: string | undefined): string | undefined {
  if (written === undefined || written.trim() === '') return undefined
  const type = written.replace(/;.*/s, '').trim().toLowerCase()
  if (type.length > 127 || !/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type))
    throw new StanzaError('bad-request', 'the content-type is none')
  return type
}

function purposeOf(request: Element): Purpose {
  return purposes.find((purpose) => request.child(purpose, purposeNamespace)) ?? 'message'
}

function expiryOf(request: Element): number {
  const when = parseDate(request.child('ephemeral', purposeNamespace)?.attribute('expire-before') ?? '')
  if (when === undefined) throw new StanzaError('bad-request', 'expire-before is needed, as a date and time')
  return when
}
