// RFC 6121 §8.5.2.1: messages that several sessions of an account were given, so that none comes back when one ends.
import type { ClientSession } from '../../session/client.ts'
import type { Stanza } from '../../stanza/stanza.ts'

interface Copy {
  readonly sessions: readonly ClientSession[]
  isTaken: boolean
}

/** Who else has what a session was given. */
export class Copies {
  readonly #copyByStanza = new WeakMap<Stanza, Copy>()

  /** Several sessions were given a stanza; `isTaken` if one of them acknowledges nothing, and so has it. */
  add(stanza: Stanza, sessions: readonly ClientSession[], isTaken: boolean): void {
    this.#copyByStanza.set(stanza, { sessions, isTaken })
  }

  /** Whether another session of several that were given a stanza has it. */
  isTaken(stanza: Stanza): boolean {
    return this.#copyByStanza.get(stanza)?.isTaken ?? false
  }

  /** A session has acknowledged a stanza. */
  acknowledged(stanza: Stanza): void {
    const copy = this.#copyByStanza.get(stanza)
    if (copy) copy.isTaken = true
  }

  /**
   * A session is over that never acknowledged a stanza: whether that has to go elsewhere. Not if another session
   * has it or still may, nor if it is on its way already.
   */
  claim(stanza: Stanza, session: ClientSession): boolean {
    const copy = this.#copyByStanza.get(stanza)
    if (!copy) return true
    if (copy.isTaken || copy.sessions.some((other) => other !== session && !other.hasEnded)) return false
    copy.isTaken = true
    return true
  }
}
