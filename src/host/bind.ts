// RFC 6120 §7: resource binding, the host's side of it.
import { type Jid, withResource } from '../jid/jid.ts'
import { ClientSession } from '../session/client.ts'
import type { SessionOwner, SessionStream } from '../session/session.ts'
import { errorOf } from '../stanza/reply.ts'
import type { Stanza } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { StreamError } from '../stream/stream-error.ts'
import type { Account } from './account.ts'
import type { Host } from './host.ts'

/**
 * Binds a session of `account` to `stream`, with the resource wished for or one made here.
 * @throws StanzaError bad-request, conflict or resource-constraint (RFC 6120 §7.6.2.1, §7.7.2)
 */
export function openSession(
  host: Host,
  account: Account,
  stream: SessionStream,
  wished: string | undefined,
): ClientSession {
  const jid = chooseAddress(host, account, wished)
  if (account.sessionsByResource.size >= host.limits.sessionsPerAccount) {
    throw new StanzaError('resource-constraint', `more than ${host.limits.sessionsPerAccount} sessions`)
  }
  const session = new ClientSession(jid, stream, new Owner(host, account))
  account.open(session)
  host.loaded.hold(account)
  host.log.info('bound', { jid: jid.toString(), address: stream.remoteAddress })
  host.sessionOpened.emit(session, (error) => host.log.error('session listener failed', { error }))
  return session
}

function chooseAddress(host: Host, account: Account, wished: string | undefined): Jid {
  if (!wished) return serverMade(host, account)
  const jid = withResource(account.jid, wished)
  if (!jid) throw new StanzaError('bad-request', 'that cannot be a resource')
  const present = account.sessionsByResource.get(jid.resource)
  if (!present) return jid
  if (host.conflict === 'refuse') throw new StanzaError('conflict', 'that resource is connected already')
  if (host.conflict === 'rename') return serverMade(host, account)
  // RFC 6120 §7.7.2.2, the way preferred there: the newcomer is most likely the same client, back again.
  present.close(new StreamError('conflict', 'replaced by a new connection'))
  present.end()
  return jid
}

function serverMade(host: Host, account: Account): Jid {
  return withResource(account.jid, host.ids.id()) as Jid
}

class Owner implements SessionOwner<ClientSession> {
  readonly #host: Host
  readonly #account: Account

  constructor(host: Host, account: Account) {
    this.#host = host
    this.#account = account
  }

  receive(stanza: Stanza, session: ClientSession): void | Promise<void> {
    const host = this.#host
    try {
      const pending = this.#account.send(stanza, session)
      return pending?.catch((error: unknown) => refuse(host, stanza, session, error))
    } catch (error) {
      refuse(host, stanza, session, error)
    }
  }

  handled(session: ClientSession): void {
    for (const listener of this.#host.handledListeners.items) listener(session)
  }

  sends(stanza: Stanza, session: ClientSession): boolean {
    const { outgoing } = this.#host
    return !outgoing.hasSteps || outgoing.run({ stanza, session }) === true
  }

  lets(stanza: Stanza, session: ClientSession): boolean {
    return this.#host.outgoing.passes(stanza, session)
  }

  keeps(session: ClientSession): boolean {
    return this.#host.sessionKeepers.items.some((keep) => keep(session))
  }

  ended(session: ClientSession): void {
    const host = this.#host
    const account = this.#account
    account
      .close(session)
      .catch((error: unknown) => host.log.error('closing a session failed', { error }))
      .finally(() => host.loaded.release(account))
  }
}

function refuse(host: Host, stanza: Stanza, session: ClientSession, error: unknown): void {
  const reply = errorOf(stanza, host.reception.toStanzaError(error, stanza), session.jid.bare)
  if (!reply) return
  // Whoever keeps count for the client learns that it was not told.
  if (session.hasEnded) void host.route(reply)
  else session.send(reply)
}
