// What SQLite and the system say is wrong, as conditions that programs can tell apart.
import { type StorageCondition, StorageError } from './storage-error.ts'

/** https://www.sqlite.org/rescode.html */
const conditionsByCode: Readonly<Record<number, StorageCondition>> = {
  5: 'busy',
  6: 'busy',
  8: 'unopenable',
  11: 'corrupt',
  13: 'full',
  14: 'unopenable',
  18: 'too-big',
  26: 'corrupt',
}
const uniqueViolation = 2067

/** The error that tells of `error`, which came of the file at `path`. */
export function storageErrorOf(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error
  const { message, errcode, code } = error as Error & { errcode?: number; code?: string }
  return new StorageError(conditionOf(errcode, code), `${path}: ${message}`, { cause: error })
}

function conditionOf(errcode: number | undefined, code: string | undefined): StorageCondition {
  if (errcode === uniqueViolation) return 'duplicate'
  if (errcode !== undefined) return conditionsByCode[errcode & 0xff] ?? 'failed'
  // What opening a file throws has the name of the system's error, such as ENOENT.
  return code?.startsWith('E') && !code.startsWith('ERR_') ? 'unopenable' : 'failed'
}
