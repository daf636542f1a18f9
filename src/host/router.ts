// From a domain to whoever answers for it.
import type { Undo } from '../base/scope.ts'
import type { Jid } from '../jid/jid.ts'
import { errorOf } from '../stanza/reply.ts'
import type { Message, Presence, Stanza } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'

/** Takes the stanzas of one domain: a host, a service, or a domain elsewhere. */
export interface Destination {
  /** Deals with a stanza whose `to` is set. A promise is who must wait before the sender goes on. */
  receive(stanza: Stanza): void | Promise<void>
  /** Whether a service answers, and no accounts. */
  readonly hasService?: boolean
  /** Whether an account of the domain is that of a guest (XEP-0175). */
  hasGuest?(account: Jid): boolean
  /** Takes a stanza that many get, for `to`, where that is quicker; answers whether it did. */
  take?(stanza: Message | Presence, to: Jid): boolean
}

/** The map of domains. */
export class Router {
  readonly #destinationByDomain = new Map<string, Destination>()

  /**
   * Makes `destination` answer for `domain`.
   * @throws Error if somebody does already
   */
  add(domain: string, destination: Destination): Undo {
    if (this.#destinationByDomain.has(domain)) throw new Error(`${domain} has a destination already`)
    this.#destinationByDomain.set(domain, destination)
    return () => {
      if (this.#destinationByDomain.get(domain) === destination) this.#destinationByDomain.delete(domain)
    }
  }

  /** The destination of a domain that is served here. */
  find(domain: string): Destination | undefined {
    return this.#destinationByDomain.get(domain)
  }

  /** Hands a stanza that many get to one of them: as it is, where nothing but its `to` tells it from the others'. */
  share(stanza: Message | Presence, to: Jid): void | Promise<void> {
    if (this.#destinationByDomain.get(to.domain)?.take?.(stanza, to)) return
    return this.route(stanza.with({ to }))
  }

  /** Hands a stanza to the destination of its `to`; a domain nobody answers for is told so (RFC 6120 §10.4). */
  route(stanza: Stanza): void | Promise<void> {
    const to = stanza.to
    if (!to) throw new TypeError('a stanza without `to` cannot be routed')
    const destination = this.#destinationByDomain.get(to.domain)
    if (destination) return destination.receive(stanza)
    const error = errorOf(
      stanza,
      new StanzaError('remote-server-not-found', `${to.domain} is not served here`),
      to,
    )
    if (error?.to && this.#destinationByDomain.has(error.to.domain)) return this.route(error)
  }
}
