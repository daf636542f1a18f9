// What a server keeps of the password of the benchmark's accounts.
import { deriveScramKeys, type ScramHash, type ScramKeys } from '../../src/stream/credentials.ts'
import { password } from '../generator/login.ts'

const salt = Buffer.from('the salt of all ')

/** Its keys (RFC 5802 §3). All accounts have the same salt, so that they need to be computed once and not for each. */
export function keysOfPassword(hash: ScramHash, iterations: number): Promise<ScramKeys> {
  return deriveScramKeys(password, { hash, salt, iterations })
}
