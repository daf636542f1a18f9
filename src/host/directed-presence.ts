// RFC 6121 §4.6: presence that the sessions of an account send to addresses of their own accord.
import type { Jid } from '../jid/jid.ts'
import type { ClientSession } from '../session/client.ts'
import type { Presence } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'

/** To whom the sessions of one account have shown themselves of their own accord. */
export class DirectedPresences {
  /** By session the addresses by their text. */
  #shownBySession: Map<ClientSession, Map<string, Jid>> | undefined

  /** Sessions that have, or had. */
  get sessions(): Iterable<ClientSession> {
    return this.#shownBySession?.keys() ?? []
  }

  /**
   * Notes presence that a session sends to one address.
   * @throws StanzaError policy-violation past `limit` addresses
   */
  note(session: ClientSession, presence: Presence, limit: number): void {
    const to = presence.to as Jid
    const key = to.toString()
    this.#shownBySession ??= new Map()
    let shown = this.#shownBySession.get(session)
    if (!shown) {
      shown = new Map()
      this.#shownBySession.set(session, shown)
    }
    if (presence.type === 'unavailable') shown.delete(key)
    else if (presence.type === 'available') {
      if (!shown.has(key) && shown.size >= limit) {
        throw new StanzaError('policy-violation', `directed presence to more than ${limit} addresses`)
      }
      shown.set(key, to)
    }
  }

  /** Whether anybody sees a session for this. */
  isShownByItself(session: ClientSession): boolean {
    return (this.#shownBySession?.get(session)?.size ?? 0) > 0
  }

  /** The addresses at the bare address `bare` to which a session is shown: in a room its nicks. */
  at(session: ClientSession, bare: Jid): Jid[] {
    const shown = this.#shownBySession?.get(session)
    return shown ? [...shown.values()].filter((to) => to.bare.equals(bare)) : []
  }

  /** Those who see a session, all or those who are meant, and forgets them. */
  take(session: ClientSession, isMeant: (to: Jid) => boolean = () => true): Jid[] {
    const shown = this.#shownBySession?.get(session)
    if (!shown) return []
    const taken = [...shown.values()].filter(isMeant)
    for (const to of taken) shown.delete(to.toString())
    return taken
  }

  /** Forgets a session that is over. */
  forget(session: ClientSession): void {
    this.#shownBySession?.delete(session)
  }
}
