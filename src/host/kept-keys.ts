// RFC 5802 §3: SCRAM keys as they are kept.
import type { ScramHash, ScramKeys } from '../stream/credentials.ts'

/** A SCRAM secret as it is kept: keys, never the password. Base64 where bytes are meant. */
export type KeptKeys = {
  readonly salt: string
  readonly iterations: number
  readonly storedKey: string
  readonly serverKey: string
}

/** Keys, to be kept. */
export function keptKeys(keys: ScramKeys): KeptKeys {
  return {
    salt: Buffer.from(keys.salt).toString('base64'),
    iterations: keys.iterations,
    storedKey: Buffer.from(keys.storedKey).toString('base64'),
    serverKey: Buffer.from(keys.serverKey).toString('base64'),
  }
}

/** Keys that were kept for `hash`. */
export function scramKeysOf(kept: KeptKeys, hash: ScramHash): ScramKeys {
  return {
    hash,
    salt: Buffer.from(kept.salt, 'base64'),
    iterations: kept.iterations,
    storedKey: Buffer.from(kept.storedKey, 'base64'),
    serverKey: Buffer.from(kept.serverKey, 'base64'),
  }
}
