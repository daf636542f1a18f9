// XEP-0494 §3.1: what is remembered of the clients of an account.
import { createHash } from 'node:crypto'
import { InTurn } from '../../base/in-turn.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { KeyValue } from '../../storage/storage.ts'
import type { UserAgent } from '../../stream/sasl/login-step.ts'
import type { LoginMeans } from '../../stream/sasl/mechanism.ts'

const dayMs = 86_400_000
/** Coming again sooner than that is not written down. */
const noteMs = 3_600_000
const idLength = 22

/** A token that a client was given (XEP-0484); what is kept does not suffice to make it. */
export type KeptToken = {
  readonly mechanism: string
  /** What it is made of, beside the id that only the client has. Base64. */
  readonly salt: string
  /** Milliseconds since 1970. */
  readonly issued: number
  /** Milliseconds since 1970. */
  readonly expires: number
  /** Of the password that was valid when it was given. */
  readonly stamp: string
  /** The highest number of a use of it, where the client counts. */
  readonly count?: number
}

/** What is kept of a client. */
export type KeptClient = {
  readonly software?: string
  readonly device?: string
  /** Milliseconds since 1970. */
  readonly firstSeen: number
  /** Milliseconds since 1970, at most an hour too early. */
  readonly lastSeen: number
  /** Of the password that it has shown; not where it has come by a token since, and so need not know it any more. */
  readonly passwordStamp?: string
  readonly hasCertificate?: boolean
  /** The token in use. */
  readonly current?: KeptToken
  /** The one that it was given to be used from now on. */
  readonly next?: KeptToken
}

/** By their ids. */
export type KeptClients = { readonly [id: string]: KeptClient }

/** How much is remembered. */
export interface ClientLimits {
  readonly maxClients: number
  readonly keepDays: number
}

/** The clients of the accounts of a host. */
export class Clients {
  readonly #host: ScopedHost
  readonly #limits: ClientLimits
  readonly #store: KeyValue<KeptClients>
  readonly #turns = new InTurn()

  constructor(host: ScopedHost, limits: ClientLimits) {
    this.#host = host
    this.#limits = limits
    this.#store = host.store.keyValue('clients')
  }

  /** Under which id a client is remembered that calls itself `agentId`; that cannot be told from it. */
  idOf(user: Jid, agentId: string): string {
    return createHash('sha256').update(`${user}\0${agentId}`).digest('base64url').slice(0, idLength)
  }

  /** All clients of an account that are not forgotten. */
  async all(user: Jid): Promise<KeptClients> {
    return this.#withoutOld((await this.#store.get(user.local)) ?? {})
  }

  async get(user: Jid, id: string): Promise<KeptClient | undefined> {
    return (await this.all(user))[id]
  }

  /** A client has logged in. */
  async note(user: Jid, agent: UserAgent, means: LoginMeans): Promise<void> {
    const stamp = means === 'password' ? await this.#host.accounts.passwordStamp(user) : undefined
    const now = this.#host.clock.now()
    await this.change(user, this.idOf(user, agent.id as string), (before) => {
      const { passwordStamp, ...rest } = before ?? {}
      const after: KeptClient = {
        firstSeen: now,
        ...rest,
        ...(passwordStamp === undefined || means === 'token' ? {} : { passwordStamp }),
        lastSeen: before && before.lastSeen > now - noteMs ? before.lastSeen : now,
        ...(agent.software === undefined ? {} : { software: agent.software }),
        ...(agent.device === undefined ? {} : { device: agent.device }),
        ...(stamp === undefined ? {} : { passwordStamp: stamp }),
        ...(means === 'certificate' ? { hasCertificate: true } : {}),
      }
      return before && isSame(before, after) ? before : after
    })
  }

  /**
   * Changes what is kept of a client, one change of an account at a time; resolves when it would survive a loss of
   * power. What is answered is kept, `undefined` forgets it; the same object again changes nothing.
   */
  async change(
    user: Jid,
    id: string,
    change: (before: KeptClient | undefined) => KeptClient | undefined,
  ): Promise<void> {
    await this.#turns.run(user.local, async () => {
      const { [id]: before, ...others } = await this.all(user)
      const after = change(before)
      if (after === before) return
      await this.#store.set(user.local, after ? this.#withinLimit({ ...others, [id]: after }) : others)
    })
  }

  #withoutOld(clients: KeptClients): KeptClients {
    const oldest = this.#host.clock.now() - this.#limits.keepDays * dayMs
    return Object.fromEntries(Object.entries(clients).filter(([, { lastSeen }]) => lastSeen > oldest))
  }

  #withinLimit(clients: KeptClients): KeptClients {
    const entries = Object.entries(clients)
    if (entries.length <= this.#limits.maxClients) return clients
    entries.sort(([, left], [, right]) => right.lastSeen - left.lastSeen)
    return Object.fromEntries(entries.slice(0, this.#limits.maxClients))
  }
}

function isSame(before: KeptClient, after: KeptClient): boolean {
  return (
    before.lastSeen === after.lastSeen &&
    before.software === after.software &&
    before.device === after.device &&
    before.passwordStamp === after.passwordStamp &&
    before.hasCertificate === after.hasCertificate
  )
}
