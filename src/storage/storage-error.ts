// What can go wrong with a store, as a condition that programs can tell apart.

/**
 * Why a store did not do as asked.
 *
 * - `busy`: another process held the file for too long; try again
 * - `closed`: the driver has been closed
 * - `corrupt`: the file is damaged, or is not one of Balcony's
 * - `duplicate`: the archive has an entry of that id
 * - `failed`: anything else; the message says what
 * - `full`: the disk, or the file's own limit, is reached
 * - `in-use`: another server has the file open
 * - `newer`: the file was written by a later version of the program
 * - `overloaded`: more waits for the store than may wait
 * - `too-big`: the value, owner, key or id is longer than may be kept
 * - `unopenable`: no such folder, or no right to it
 */
export type StorageCondition =
  | 'busy'
  | 'closed'
  | 'corrupt'
  | 'duplicate'
  | 'failed'
  | 'full'
  | 'in-use'
  | 'newer'
  | 'overloaded'
  | 'too-big'
  | 'unopenable'

/** A store refused or failed; of what was asked nothing was kept. */
export class StorageError extends Error {
  readonly condition: StorageCondition

  constructor(condition: StorageCondition, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StorageError'
    this.condition = condition
  }
}

/** A `StorageError` as plain data, for the way from one thread to another. */
export interface Fault {
  readonly condition: StorageCondition
  readonly message: string
  readonly cause: unknown
}

/** The error that a fault tells of. */
export function errorOf({ condition, message, cause }: Fault): StorageError {
  return new StorageError(condition, message, { cause })
}
