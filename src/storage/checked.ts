// What may be kept, and what is refused.
import type { Value } from './storage.ts'
import { StorageError } from './storage-error.ts'

/** The most bytes of UTF-8 in an owner, a key, an id or the name of a store; a full address has at most 3,071. */
export const maxKeyBytes = 4096
/** The most characters of a value as JSON. */
export const maxValueLength = 16 * 1024 * 1024

/** The value of an entry as JSON, that may be kept with its text. */
export function checkedValue(value: Value, text: string): string {
  const json = jsonOf(value)
  if (json === null) throw new TypeError('an entry needs a value')
  checkedText(text)
  return json
}

/** @throws StorageError for a text that is too long to be searched */
export function checkedText(text: string): void {
  if (text.length > maxValueLength) throw new StorageError('too-big', `a text of ${text.length} characters`)
}

/** A value as JSON; `null` for none. @throws StorageError for one that is too big */
export function jsonOf(value: Value | undefined): string | null {
  if (value === undefined) return null
  const json = JSON.stringify(value)
  if (json.length <= maxValueLength) return json
  throw new StorageError('too-big', `a value of ${json.length} characters; ${maxValueLength} may be kept`)
}

/** `text` itself. @throws RangeError if it is not Unicode, StorageError if it is too long to be a name of something */
export function checked(what: string, text: string): string {
  // Half a surrogate pair has no UTF-8: two such texts could become one.
  if (!text.isWellFormed()) throw new RangeError(`${what} is not Unicode text`)
  const length = text.length * 3 <= maxKeyBytes ? 0 : Buffer.byteLength(text)
  if (length <= maxKeyBytes) return text
  throw new StorageError('too-big', `${what} has ${length} bytes; ${maxKeyBytes} may be kept`)
}

/** `limit` itself. @throws RangeError if it is no number of entries */
export function checkedLimit(limit: number | undefined): number | undefined {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 0)) return limit
  throw new RangeError(`not a number of entries: ${limit}`)
}

/** @throws RangeError for what is no time */
export function checkedTime(time: number): void {
  if (!Number.isFinite(time)) throw new RangeError(`not a time: ${time}`)
}
