// Messages in the store that sessions were given and have not acknowledged.
import type { Account } from '../../host/account.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { MessageKey } from './message-key.ts'

/** A message in the store that is on its way to a client. */
export interface GivenMessage {
  readonly key: MessageKey
  readonly account: Account
  sessions: readonly ClientSession[]
  /** A client has it; the store is about to forget it. */
  isDone: boolean
}

/** Which messages of the store somebody has been given. */
export class GivenMessages {
  readonly #byMessage = new WeakMap<Message, GivenMessage>()
  readonly #byAccount = new WeakMap<Account, Set<GivenMessage>>()

  /** Sessions are given the message under a key of the store, for the first time. */
  begin(
    account: Account,
    key: MessageKey,
    message: Message,
    sessions: readonly ClientSession[],
  ): GivenMessage {
    const given = { key, account, sessions, isDone: false }
    const all = this.#byAccount.get(account)
    if (all) all.add(given)
    else this.#byAccount.set(account, new Set([given]))
    this.#byMessage.set(message, given)
    return given
  }

  /** Sessions are given the message under a key of the store. */
  add(account: Account, key: MessageKey, message: Message, sessions: readonly ClientSession[]): GivenMessage {
    const given = this.#find(account, key)
    if (!given) return this.begin(account, key, message, sessions)
    given.sessions = sessions
    this.#byMessage.set(message, given)
    return given
  }

  /** One more session is given the message under a key. */
  addSession(account: Account, key: MessageKey, message: Message, session: ClientSession): GivenMessage {
    const before = this.#find(account, key)?.sessions ?? []
    return this.add(account, key, message, [...before, session])
  }

  /** By what a session was given. */
  find(message: Message): GivenMessage | undefined {
    return this.#byMessage.get(message)
  }

  /** Whether nobody needs to be given what is under a key: somebody has it, or still may take it. */
  isTaken(account: Account, key: MessageKey): boolean {
    const given = this.#find(account, key)
    return given !== undefined && isTaken(given)
  }

  /** The store has forgotten it, or it waits for anybody again. */
  remove(given: GivenMessage): void {
    this.#byAccount.get(given.account)?.delete(given)
  }

  // Asked only where something is read in the store; there are many more that never are.
  #find(account: Account, key: MessageKey): GivenMessage | undefined {
    for (const given of this.#byAccount.get(account) ?? []) if (given.key.equals(key)) return given
    return undefined
  }
}

/** Whether somebody has a message, or still may take it. */
export function isTaken({ isDone, sessions }: GivenMessage): boolean {
  return isDone || sessions.some((session) => !session.hasEnded)
}
