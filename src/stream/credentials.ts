// RFC 5802: what is kept of a password, and who has it.
import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Jid } from '../jid/jid.ts'
import { prepareSecret } from './secret.ts'

/** The hash functions of SCRAM that are offered. */
export type ScramHash = 'sha-1' | 'sha-256' | 'sha-512'

/** All of them, strongest first. */
export const scramHashes: readonly ScramHash[] = ['sha-512', 'sha-256', 'sha-1']

/** What is kept of a password for one hash (RFC 5802 §3): enough to check it, not enough to log in with. */
export interface ScramKeys {
  readonly hash: ScramHash
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** The accounts of a domain, as far as logging in needs them. */
export interface Credentials {
  /** The keys of an account; `undefined` if there is no such account or it has none for that hash. */
  scramKeys(localpart: string, hash: ScramHash): ScramKeys | undefined | Promise<ScramKeys | undefined>
  /** The hashes for which an account has keys; `undefined` if there is no such account. Absent: all of them. */
  hashesOf?(localpart: string): Promise<readonly ScramHash[] | undefined>
  /** Keeps keys that a client has made of its password, where the account has none for that hash (XEP-0480). */
  addKeys?(account: Jid, keys: ScramKeys): Promise<void>
  /** A password has just been found to be an account's: keys that are missing can be made of it. */
  notePassword?(account: Jid, password: string): Promise<void>
  /**
   * Whether `password` is that of `account`, asked from `address`, where something outside knows it. If it is there,
   * PLAIN is the only mechanism for passwords.
   */
  readonly checkPassword?: ((account: Jid, password: string, address: string) => Promise<boolean>) | undefined
  /** Whether there is such an account. Absent: yes. */
  exists?(account: Jid): Promise<boolean>
  /** At least 16 secret bytes, the same at every start: what unknown accounts' salts are made from. */
  readonly fakeSaltSecret: Uint8Array
  /** The iterations that a new account's keys are made with, so that unknown accounts look like new ones. */
  readonly iterations: number
  /** For test servers only: PLAIN with any password makes the account that it names, and no other mechanism is offered. */
  readonly createsOnLogin?: boolean
  /** How many changes of accounts there have been that end log-ins which are under way. Absent: there are none. */
  readonly changes?: number
  /** Whether `account` has changed so behind the first `count` changes: it is gone, has another password, or shuts a client out. */
  hasChanged?(account: Jid, count: number): boolean
  /** Makes an account; false if there is one of that name. Needed only for `createsOnLogin`. */
  create?(account: Jid, password: string): Promise<boolean>
}

/** Bytes of a salt, made or faked. */
export const saltBytes = 16

const digestBytes = { 'sha-1': 20, 'sha-256': 32, 'sha-512': 64 } as const satisfies Record<ScramHash, number>
const digestNames = { 'sha-1': 'sha1', 'sha-256': 'sha256', 'sha-512': 'sha512' } as const satisfies Record<
  ScramHash,
  string
>
const derive = promisify(pbkdf2)

/**
 * Makes the keys to keep for a password, outside the event loop's thread.
 * @throws RangeError if the password is empty or has characters that no password may have (RFC 4013)
 */
export async function deriveScramKeys(
  password: string,
  { hash, salt, iterations }: Pick<ScramKeys, 'hash' | 'salt' | 'iterations'>,
): Promise<ScramKeys> {
  const prepared = prepareSecret(password)
  if (prepared === undefined) throw new RangeError('not a possible password')
  const salted = await derive(prepared, salt, iterations, digestBytes[hash], digestNames[hash])
  return keysOfSalted(salted, { hash, salt, iterations })
}

/**
 * The keys to keep for a SaltedPassword (RFC 5802 §3).
 * @throws RangeError if it has not as many bytes as the hash
 */
export function keysOfSalted(
  salted: Uint8Array,
  { hash, salt, iterations }: Pick<ScramKeys, 'hash' | 'salt' | 'iterations'>,
): ScramKeys {
  if (salted.length !== digestBytes[hash]) throw new RangeError('not a salted password')
  return {
    hash,
    salt,
    iterations,
    storedKey: digest(hash, hmac(hash, salted, 'Client Key')),
    serverKey: hmac(hash, salted, 'Server Key'),
  }
}

/** The keys that an account which does not exist seems to have: always the same, and no password fits them. */
export function fakeScramKeys(credentials: Credentials, localpart: string, hash: ScramHash): ScramKeys {
  const secret = credentials.fakeSaltSecret
  const fake = (what: string) => hmac(hash, secret, `${what}\0${hash}\0${localpart}`)
  return {
    hash,
    salt: fake('salt').subarray(0, saltBytes),
    iterations: credentials.iterations,
    storedKey: fake('stored'),
    serverKey: fake('server'),
  }
}

/** The hash function H of RFC 5802 §2.2. */
export function digest(hash: ScramHash, bytes: Uint8Array): Buffer {
  return createHash(digestNames[hash]).update(bytes).digest()
}

/** The function HMAC of RFC 5802 §2.2. */
export function hmac(hash: ScramHash, key: Uint8Array, text: string): Buffer {
  return createHmac(digestNames[hash], key).update(text).digest()
}
