// Addresses as lists of blocked ones have them: hashed, so that a list does not tell whom it names.
import { hash } from 'node:crypto'
import { type Jid, parseJid } from '../../jid/jid.ts'

/** SHA-256 of a bare address or domain, in lower-case hex. */
export function hashOf(address: string): string {
  return hash('sha256', address)
}

/** The hash in an item's id; `undefined` if it is none. */
export function parseHash(text: string): string | undefined {
  const hex = text.toLowerCase()
  return /^[0-9a-f]{64}$/.test(hex) ? hex : undefined
}

/** The hash of what somebody wrote: an address, a domain or a hash. */
export function hashOfText(text: string): string | undefined {
  const written = text.trim()
  const given = parseHash(written)
  if (given !== undefined) return given
  const jid: Jid | undefined = parseJid(written)
  return jid && hashOf(jid.bare.toString())
}
