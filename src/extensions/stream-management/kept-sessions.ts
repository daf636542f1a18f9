// XEP-0198 §5: sessions that wait for their clients while the server is started again.
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { KeyValue, Value } from '../../storage/storage.ts'
import type { Copies } from './copies.ts'
import { accountOf, type KeptSession, type KeptStanza, orphansOf, type SessionPart } from './kept-session.ts'
import type { ManagedSession } from './managed-session.ts'
import type { Unacknowledged } from './outbox.ts'
import { redeliver } from './redeliver.ts'
import { SinceStart } from './since-start.ts'

/** Another store that has messages until they are acknowledged. */
export interface MessageKeeper {
  /** Under which key it has a message that sessions were given. */
  keyOf(message: Message): string | undefined
  /** A session that has come back has been given a message that the store had under `key`. */
  restored(session: ClientSession, key: string, message: Message): void
}

/** What has to be known of a session before the server begins to end it. */
interface Noted {
  readonly presence: string | undefined
  readonly isWhole: boolean
  readonly parts: Promise<Record<string, Value>>
}

/** The sessions of a host that outlive a restart. */
export class KeptSessions {
  /** What other extensions know of sessions. */
  readonly parts: SessionPart[] = []
  readonly keepers: MessageKeeper[] = []
  readonly sinceStart: SinceStart
  readonly #host: ScopedHost
  readonly #copies: Copies
  readonly #store: KeyValue<KeptSession>
  readonly #notedBySession = new Map<ClientSession, Noted>()
  readonly #beingTaken = new Set<string>()

  constructor(host: ScopedHost, copies: Copies) {
    this.#host = host
    this.#copies = copies
    this.sinceStart = new SinceStart(host)
    this.#store = host.store.keyValue('resumable-sessions')
  }

  /** The server is about to stop: notes what will not be known once the session has ended. */
  note(session: ClientSession): void {
    const account = this.#host.accountOf(session.jid)
    // Rooms and others to whom it has shown itself will have been told that it is gone: it could not go on with them.
    // Of one that is just ending, what it had not acknowledged has gone elsewhere: it would seem to have acknowledged it.
    const isWhole = !session.hasEnded && account?.hasDirectedPresence(session) === false
    const parts = this.#saveParts(session)
    this.#notedBySession.set(session, { presence: session.presence?.toString(), isWhole, parts })
  }

  /** Whether a session is to wait for the server's next start. */
  isNoted(session: ClientSession): boolean {
    return this.#notedBySession.has(session)
  }

  /** Keeps a session that has ended because the server stops; false for others, and if it cannot be kept. */
  async save(managed: ManagedSession): Promise<boolean> {
    const noted = this.#notedBySession.get(managed.session)
    if (!noted) return false
    this.#notedBySession.delete(managed.session)
    const isWhole = noted.isWhole && !managed.hasLostError
    try {
      await this.#store.set(managed.id, await this.#describe(managed, { ...noted, isWhole }))
      return isWhole
    } catch (error) {
      this.#host.log.error('session not kept', { jid: managed.session.jid.toString(), error })
      return false
    }
  }

  /** Takes what is kept of a session of the account `user` out of the store; resolves when that is lasting. */
  async take(id: string, user: string): Promise<KeptSession | undefined> {
    if (this.#beingTaken.has(id)) return undefined
    this.#beingTaken.add(id)
    try {
      const kept = await this.#store.get(id)
      if (kept?.user !== user) return undefined
      await this.#store.set(id, undefined)
      return kept
    } finally {
      this.#beingTaken.delete(id)
    }
  }

  /** Sends on what a session was not given that nobody has come back to. */
  async abandon(kept: KeptSession): Promise<void> {
    const orphans = orphansOf(kept)
    if (orphans.length > 0) await redeliver(this.#host, accountOf(kept, this.#host.domain), orphans)
  }

  /** Ends the wait of sessions whose time is over, or that belong to the account `user`. */
  async sweep(user?: string): Promise<void> {
    for (const id of await this.#store.owners()) {
      const kept = await this.#store.get(id)
      const isOver = user === undefined && kept && kept.until <= this.#host.clock.now()
      if (!kept || !(isOver || kept.user === user)) continue
      const taken = await this.take(id, kept.user)
      if (taken && isOver) await this.abandon(taken)
    }
  }

  async #describe(managed: ManagedSession, { presence, isWhole, parts }: Noted): Promise<KeptSession> {
    const { session, handled, outbox, resumeMs } = managed
    const common = {
      user: session.jid.local,
      until: this.#host.clock.now() + resumeMs,
      resumeMs,
      handled,
      ...(managed.handledForSure === undefined ? { isInDoubt: true } : {}),
    }
    if (!isWhole) return { ...common, sent: 0, stanzas: [], parts: {} }
    const run = await this.sinceStart.run
    return {
      ...common,
      resource: session.jid.resource,
      sent: outbox.sent,
      ...(presence === undefined ? {} : { presence }),
      stanzas: outbox.waiting.map((item) => this.#describeStanza(item)),
      parts: await parts,
      ...(run === undefined ? {} : { run }),
    }
  }

  #describeStanza({ stanza, when }: Unacknowledged): KeptStanza {
    const text = stanza.toString()
    if (stanza.kind !== 'message') return { text, when }
    for (const keeper of this.keepers) {
      const key = keeper.keyOf(stanza)
      if (key !== undefined) return { text, when, key }
    }
    return { text, when, ...(this.#copies.isTaken(stanza) ? { isTaken: true } : {}) }
  }

  async #saveParts(session: ClientSession): Promise<Record<string, Value>> {
    const saved: Record<string, Value> = {}
    for (const part of this.parts) {
      const value = await part.save(session)
      if (value !== undefined) saved[part.name] = value
    }
    return saved
  }
}
