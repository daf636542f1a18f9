// Messages in the store that sessions were given and have not acknowledged.
import type { Account } from '../../host/account.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Message } from '../../stanza/stanza.ts'

/** A message in the store that is on its way to a client. */
export interface GivenMessage {
  readonly key: string
  readonly account: Account
  sessions: readonly ClientSession[]
  /** A client has it; the store is about to forget it. */
  isDone: boolean
}

/** Which messages of the store somebody has been given. */
export class GivenMessages {
  readonly #byMessage = new WeakMap<Message, GivenMessage>()
  readonly #byKeyByAccount = new WeakMap<Account, Map<string, GivenMessage>>()

  /** Sessions are given the message under a key of the store. */
  add(account: Account, key: string, message: Message, sessions: readonly ClientSession[]): GivenMessage {
    let byKey = this.#byKeyByAccount.get(account)
    if (!byKey) {
      byKey = new Map()
      this.#byKeyByAccount.set(account, byKey)
    }
    let given = byKey.get(key)
    if (given) given.sessions = sessions
    else {
      given = { key, account, sessions, isDone: false }
      byKey.set(key, given)
    }
    this.#byMessage.set(message, given)
    return given
  }

  /** One more session is given the message under a key. */
  addSession(account: Account, key: string, message: Message, session: ClientSession): GivenMessage {
    const before = this.#byKeyByAccount.get(account)?.get(key)?.sessions ?? []
    return this.add(account, key, message, [...before, session])
  }

  /** By what a session was given. */
  find(message: Message): GivenMessage | undefined {
    return this.#byMessage.get(message)
  }

  /** Whether nobody needs to be given what is under a key: somebody has it, or still may take it. */
  isTaken(account: Account, key: string): boolean {
    const given = this.#byKeyByAccount.get(account)?.get(key)
    return given !== undefined && isTaken(given)
  }

  /** The store has forgotten it, or it waits for anybody again. */
  remove({ account, key }: GivenMessage): void {
    this.#byKeyByAccount.get(account)?.delete(key)
  }
}

/** Whether somebody has a message, or still may take it. */
export function isTaken({ isDone, sessions }: GivenMessage): boolean {
  return isDone || sessions.some((session) => !session.hasEnded)
}
