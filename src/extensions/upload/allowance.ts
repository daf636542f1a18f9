// XEP-0363 §5, §6: what an account may send, how much of it, and for how long it is kept.
import { formatDate } from '../../stanza/delay.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { element } from '../../xml/element.ts'
import { namespace, type Purpose, type SlotRequest } from './slot.ts'

/** What may be sent and for how long it is kept; see the options of the extension. */
export interface UploadLimits {
  readonly maxBytes: number
  readonly profileMaxBytes: number
  readonly bytesPerDay: number
  readonly filesPerDay: number
  readonly bytesPerAccount: number
  readonly filesPerAccount: number
  readonly slotsPerAccount: number
  readonly slotSeconds: number
  readonly keepDays: number
  readonly keepProfileDays: number
  readonly takesPermanent: boolean
  readonly types: readonly string[]
}

/** One file or slot of an account. */
export type AccountFile = { readonly size: number; readonly when: number; readonly isThere: boolean }

const dayMs = 86_400_000

/** What files may be for. */
export function purposesOf({ takesPermanent }: UploadLimits): readonly Purpose[] {
  const always: Purpose[] = ['message', 'profile', 'ephemeral']
  return takesPermanent ? [...always, 'permanent'] : always
}

/**
 * Whether a file of that kind is ever taken.
 * @throws StanzaError `not-acceptable`, `bad-request` for an end that is over
 */
export function checkRequest(
  { size, type, purpose, expireBefore }: SlotRequest,
  limits: UploadLimits,
  now: number,
): void {
  if (!purposesOf(limits).includes(purpose))
    throw new StanzaError('not-acceptable', `files are not taken for the purpose “${purpose}”`)
  const max = purpose === 'profile' ? limits.profileMaxBytes : limits.maxBytes
  if (size > max) throw tooLarge(Math.min(max, limits.maxBytes))
  const { types } = limits
  if (types.length > 0 && !types.some((allowed) => isOfType(type ?? '', allowed)))
    throw new StanzaError('not-acceptable', `only files of these types are taken: ${types.join(', ')}`)
  if (expireBefore !== undefined && expireBefore <= now)
    throw new StanzaError('bad-request', 'expire-before is over')
}

/**
 * Whether an account that has sent `all` may send `size` bytes more.
 * @throws StanzaError `resource-constraint` for what is too much now, `not-acceptable` for what is too much for a day
 */
export function checkQuota(
  all: readonly AccountFile[],
  size: number,
  limits: UploadLimits,
  now: number,
): void {
  if (all.filter(({ isThere }) => !isThere).length >= limits.slotsPerAccount)
    throw tooMuch('too many slots are open', now + limits.slotSeconds * 1000)
  if (all.length >= limits.filesPerAccount || bytesOf(all) + size > limits.bytesPerAccount)
    throw new StanzaError('resource-constraint', 'what is kept for you has reached its limit')
  const recent = all.filter(({ when }) => when > now - dayMs).sort((one, other) => one.when - other.when)
  let count = recent.length
  let bytes = bytesOf(recent) + size
  let until: number | undefined
  for (const file of recent) {
    if (count < limits.filesPerDay && bytes <= limits.bytesPerDay) break
    count -= 1
    bytes -= file.size
    until = file.when + dayMs
  }
  if (bytes > limits.bytesPerDay) throw tooLarge(limits.bytesPerDay)
  if (until !== undefined) throw tooMuch('that is too much for one day', until)
}

/** When a file is removed that comes `now`, in milliseconds since 1970; 0 for never. */
export function endOf(
  { purpose, expireBefore }: SlotRequest,
  { keepDays, keepProfileDays }: UploadLimits,
  now: number,
): number {
  const days = { message: keepDays, ephemeral: keepDays, profile: keepProfileDays, permanent: 0 }[purpose]
  const own = days === 0 ? 0 : now + days * dayMs
  if (expireBefore === undefined) return own
  return own === 0 ? expireBefore : Math.min(own, expireBefore)
}

function bytesOf(files: readonly AccountFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0)
}

function isOfType(type: string, allowed: string): boolean {
  return allowed.endsWith('/*') ? type.startsWith(allowed.slice(0, -1)) : type === allowed
}

// XEP-0363 §6
function tooLarge(maxBytes: number): StanzaError {
  const most = element('max-file-size', namespace, {}, String(maxBytes))
  return new StanzaError('not-acceptable', `File too large. The maximum file size is ${maxBytes} bytes`, {
    application: element('file-too-large', namespace, {}, most),
  })
}

function tooMuch(text: string, until: number): StanzaError {
  return new StanzaError('resource-constraint', text, {
    application: element('retry', namespace, { stamp: formatDate(until) }),
  })
}
