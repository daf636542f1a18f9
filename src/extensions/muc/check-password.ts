// XEP-0045 §7.2.5: rooms with a password.
import { createHash, timingSafeEqual } from 'node:crypto'
import { mucNamespace } from '../../stanza/namespaces.ts'
import { type Conference, refusal } from './conference.ts'
import type { Entry } from './lines.ts'
import { roomSecret } from './settings/password.ts'

/**
 * Lets in who knows the password, and owners, who can read it in the form anyway. Who guessed wrong too often is told
 * to wait, whatever the password is now: an answer would be one more guess.
 */
export function checkPassword(conference: Conference, { room, affiliation, presence, x }: Entry): void {
  if (!room.isPasswordProtected || affiliation === 'owner') return
  const { wrongPasswords } = conference
  const given = x?.child('password', mucNamespace)?.text
  // Not a guess: a client that does not know that there is a password.
  if (given === undefined || given === '') throw refusal(room, 'not-authorized', 'a password is needed')
  const account = presence.from.bare.toString()
  const isStranger = affiliation === 'none'
  if (
    wrongPasswords.isAccountBlocked(room.local, account) ||
    (isStranger && wrongPasswords.isRoomBlocked(room.local))
  ) {
    throw refusal(room, 'policy-violation', 'too many wrong passwords; try again later', 'wait')
  }
  if (isSameSecret(given, room.config.get(roomSecret))) {
    wrongPasswords.clear(room.local, account)
    return
  }
  wrongPasswords.add(room.local, account)
  throw refusal(room, 'not-authorized', 'the password is wrong')
}

/** Compares in a time that depends neither on where texts differ nor on how long the secret is. */
export function isSameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(secret))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
