// XEP-0494 §3: an account's owner sees what has access to the account, and takes it away.
import { createHash } from 'node:crypto'
import type { Account } from '../../host/account.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { ClientSession } from '../../session/client.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { StreamError } from '../../stream/stream-error.ts'
import { element } from '../../xml/element.ts'
import { type ClientAuth, type ListedClient, namespace } from './client-elements.ts'
import type { Clients, KeptClient } from './clients.ts'

const idLength = 22

/** The clients of the accounts of a host, those that are connected too. */
export class ClientList {
  readonly #host: ScopedHost
  readonly #clients: Clients
  readonly #idBySession = new WeakMap<ClientSession, string>()

  constructor(host: ScopedHost, clients: Clients) {
    this.#host = host
    this.#clients = clients
  }

  /** A session has begun, or goes on; its client is remembered under `id`, or is not. */
  opened(session: ClientSession, id: string | undefined): void {
    if (id === undefined) this.#idBySession.delete(session)
    else this.#idBySession.set(session, id)
  }

  /** All clients of an account. */
  async of(account: Account): Promise<ListedClient[]> {
    const kept = await this.#clients.all(account.jid)
    const stamp = await this.#host.accounts.passwordStamp(account.jid)
    const connected = new Set(this.#sessionsOf(account).map(([, id]) => id))
    const remembered = Object.entries(kept).map(
      ([id, client]): ListedClient => ({
        id,
        isConnected: connected.has(id),
        ...client,
        auth: authOf(client, stamp),
      }),
    )
    // Those that say nothing of themselves have access too.
    const others = [...connected].filter((id) => !(id in kept))
    return [
      ...remembered,
      ...others.map((id): ListedClient => ({ id, isConnected: true, auth: ['password'] })),
    ]
  }

  /**
   * Shuts a client out: its tokens are worth nothing, its sessions end.
   * @throws StanzaError item-not-found; service-unavailable where it knows the password, and could come again with that
   */
  async revoke(account: Account, id: string): Promise<void> {
    const kept = await this.#clients.get(account.jid, id)
    if (!kept && this.#sessionsOfClient(account, id).length === 0)
      throw new StanzaError('item-not-found', 'no such client')
    const stamp = await this.#host.accounts.passwordStamp(account.jid)
    const staysPossible = !kept || authOf(kept, stamp).some((means) => means !== 'fast')
    // It may just be on its way in.
    await this.#host.accounts.endingLogins(account.jid, () =>
      this.#clients.change(
        account.jid,
        id,
        (before) => before && (staysPossible ? withoutTokens(before) : undefined),
      ),
    )
    this.#host.log.info('client-revoked', { user: account.jid.toString(), client: id })
    for (const session of this.#sessionsOfClient(account, id))
      session.close(new StreamError('not-authorized', 'access has been taken from this client'))
    if (!staysPossible) return
    throw new StanzaError('service-unavailable', 'it is shut out, but knows the password: change that', {
      type: 'cancel',
      application: element('password-reset-required', namespace),
    })
  }

  #sessionsOfClient(account: Account, id: string): ClientSession[] {
    return this.#sessionsOf(account)
      .filter(([, other]) => other === id)
      .map(([session]) => session)
  }

  #sessionsOf(account: Account): [ClientSession, string][] {
    return [...account.sessionsByResource.values()].map((session) => [
      session,
      this.#idBySession.get(session) ?? idOfSession(session),
    ])
  }
}

function idOfSession({ jid }: ClientSession): string {
  return createHash('sha256').update(`session\0${jid}`).digest('base64url').slice(0, idLength)
}

function authOf(client: KeptClient, stamp: string | undefined): ClientAuth[] {
  const auth: ClientAuth[] = []
  if (client.passwordStamp !== undefined && client.passwordStamp === stamp) auth.push('password')
  if ([client.current, client.next].some((token) => token && token.stamp === stamp)) auth.push('fast')
  if (client.hasCertificate) auth.push('certificate')
  return auth
}

function withoutTokens({ current: _current, next: _next, ...rest }: KeptClient): KeptClient {
  return rest
}
