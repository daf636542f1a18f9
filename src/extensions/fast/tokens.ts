// XEP-0484 §5.1: tokens are given, checked, replaced and withdrawn. None is kept: see docs/decisions/0016-tokens-that-are-not-kept.md.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { LoginRequest } from '../../stream/sasl/login-step.ts'
import type { Clients, KeptClient, KeptToken } from '../client-access/client-access.ts'

const dayMs = 86_400_000
const saltBytes = 32

/** How long tokens live. */
export interface TokenLifetimes {
  readonly validDays: number
  readonly rotateDays: number
}

/** A token as its client gets it. */
export interface GivenToken {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** Who gets a token, and on which stream. */
export type TokenReceiver = Pick<LoginRequest, 'user' | 'stream'>

/** What a client shows to prove that it has a token. */
export interface TokenProof {
  readonly user: Jid
  readonly agentId: string
  readonly mechanism: string
  /** The HMAC that the client made with the token. */
  readonly hash: Uint8Array
  /** What both sides make an HMAC of, for the initiator (the client) or the responder. */
  message(role: 'Initiator' | 'Responder'): Uint8Array
  /** `undefined` if the client does not count its uses. */
  readonly count: number | undefined
  /** Whether the token is used for the last time. */
  readonly isLast: boolean
}

/** What a proof comes to: the server's own, or why it is refused. */
export type TokenResult = { readonly answer: Buffer } | 'not-authorized' | 'credentials-expired'

/** The tokens of the clients of a host. */
export class Tokens {
  readonly #host: ScopedHost
  readonly #clients: Clients
  readonly #lifetimes: TokenLifetimes

  constructor(host: ScopedHost, clients: Clients, lifetimes: TokenLifetimes) {
    this.#host = host
    this.#clients = clients
    this.#lifetimes = lifetimes
  }

  /**
   * Makes a token for a client and a mechanism; what it was given before and has not used is worth nothing. `undefined`
   * if the log-in has come to nothing meanwhile.
   */
  async give(
    { user, stream }: TokenReceiver,
    agentId: string,
    mechanism: string,
  ): Promise<GivenToken | undefined> {
    const stamp = await this.#host.accounts.passwordStamp(user)
    if (stamp === undefined) return undefined
    const salt = this.#host.ids.bytes(saltBytes).toString('base64')
    const issued = this.#host.clock.now()
    const expires = issued + this.#lifetimes.validDays * dayMs
    const next: KeptToken = { mechanism, salt, issued, expires, stamp }
    let isGiven = false
    await this.#clients.change(user, this.#clients.idOf(user, agentId), (before) => {
      // Who has shown the password before this one, or was just shut out, gets nothing that lasts.
      isGiven = stream.loginHolds(user)
      return isGiven ? { firstSeen: issued, lastSeen: issued, ...before, next } : before
    })
    return isGiven ? { token: tokenOf(user, agentId, next), expires } : undefined
  }

  /** Makes a new token in place of one that is used, if that is old enough. */
  async renew(receiver: TokenReceiver, agentId: string, mechanism: string): Promise<GivenToken | undefined> {
    const { user } = receiver
    const client = await this.#clients.get(user, this.#clients.idOf(user, agentId))
    const issued = client?.current?.issued
    if (issued === undefined) return undefined
    const isDue = this.#host.clock.now() - issued >= this.#lifetimes.rotateDays * dayMs
    return isDue ? this.give(receiver, agentId, mechanism) : undefined
  }

  /** Checks whether a client has a token, and notes that it has used it. */
  async check(proof: TokenProof): Promise<TokenResult> {
    const { user, agentId } = proof
    const id = this.#clients.idOf(user, agentId)
    const [client, stamp] = await Promise.all([
      this.#clients.get(user, id),
      this.#host.accounts.passwordStamp(user),
    ])
    const slot = client && this.#slotOf(client, proof)
    const kept = slot && client[slot]
    if (!kept) return 'not-authorized'
    // §4.2: who changes the password wants to be rid of whoever came in by the old one.
    if (kept.expires <= this.#host.clock.now() || kept.stamp !== stamp) return 'credentials-expired'
    if (!isCountedOn(kept, proof.count)) return 'not-authorized'
    if (slot === 'next' || proof.isLast || proof.count !== undefined) {
      const isNoted = await this.#note(proof, id, kept)
      if (!isNoted) return 'not-authorized'
    }
    return { answer: hmac(tokenOf(user, agentId, kept), proof.message('Responder')) }
  }

  /** §5.1: the newest first. Both are looked at, so that the time it takes says nothing. */
  #slotOf(client: KeptClient, proof: TokenProof): 'next' | 'current' | undefined {
    const fits = (kept: KeptToken | undefined): boolean => {
      if (!kept || kept.mechanism !== proof.mechanism) return false
      const expected = hmac(tokenOf(proof.user, proof.agentId, kept), proof.message('Initiator'))
      return expected.length === proof.hash.length && timingSafeEqual(expected, proof.hash)
    }
    const isNext = fits(client.next)
    const isCurrent = fits(client.current)
    if (isNext) return 'next'
    return isCurrent ? 'current' : undefined
  }

  /** Makes the token that was used the current one, counts its use, or withdraws it; false if that came too late. */
  async #note({ user, count, isLast }: TokenProof, id: string, used: KeptToken): Promise<boolean> {
    let isNoted = false
    await this.#clients.change(user, id, (client) => {
      const wasNext = client?.next?.salt === used.salt
      const now = wasNext ? client.next : client?.current
      // Somebody else may have used it meanwhile, or the owner withdrawn it.
      if (!client || now?.salt !== used.salt || !isCountedOn(now, count)) return client
      isNoted = true
      const { next, current: _before, ...rest } = client
      const current = isLast ? undefined : { ...now, ...(count === undefined ? {} : { count }) }
      return { ...rest, ...(current && { current }), ...(!wasNext && !isLast && next ? { next } : {}) }
    })
    return isNoted
  }
}

/** §3.4: numbers of uses only grow, and who has begun to count goes on: else whoever overheard it could leave them out. */
function isCountedOn(kept: KeptToken, count: number | undefined): boolean {
  return count === undefined ? kept.count === undefined : count > (kept.count ?? -1)
}

/** Only with the id that the client alone has does what is kept make a token. */
function tokenOf(user: Jid, agentId: string, { salt, mechanism }: KeptToken): string {
  return createHmac('sha256', Buffer.from(salt, 'base64'))
    .update(`${user}\0${mechanism}\0${agentId}`)
    .digest('base64url')
}

function hmac(token: string, message: Uint8Array): Buffer {
  return createHmac('sha256', token).update(message).digest()
}
