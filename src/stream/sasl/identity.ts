// RFC 6120 §6.3.7, §6.3.8: who a client says it is, and whom it wants to act as.
import { Jid, parseJid } from '../../jid/jid.ts'

/** The bare address that a user name stands for; `undefined` if it cannot be one. */
export function accountOf(username: string, domain: Jid): Jid | undefined {
  return username === '' ? undefined : Jid.of(username, domain.domain)
}

/** Whether an authorization identity is none or the user's own: nobody acts as anybody else. */
export function isOneself(authzid: string, user: Jid | undefined): boolean {
  return authzid === '' || (user?.equals(parseJid(authzid)) ?? false)
}
