// Messages that wait, in the order in which they came.
import type { Clock } from '../../base/clock.ts'
import type { Waiter } from '../../base/waiter.ts'
import type { Jid } from '../../jid/jid.ts'
import { parseJid } from '../../jid/jid.ts'
import { delay, isDelayedBy } from '../../stanza/delay.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import { Message, stanzaNamespace } from '../../stanza/stanza.ts'
import type { Collection } from '../../storage/storage.ts'
import { parseDocument } from '../../xml/xml.ts'
import { Counts } from './counts.ts'
import { MessageKey } from './message-key.ts'

/** A message that waits, under a key that says when it came. */
export interface KeptMessage {
  readonly key: MessageKey
  readonly message: Message
}

export interface OfflineLimits {
  readonly maxMessages: number
  readonly keepDays: number
}

/** A message that has not been written, and who waits for that. */
interface Unwritten {
  readonly message: Message
  readonly waiter: Waiter
}

const dayMs = 86_400_000

/** The offline messages of the accounts of a host. */
export class OfflineStore {
  readonly #collection: Collection<string>
  readonly #domain: Jid
  readonly #clock: Clock
  readonly #limits: OfflineLimits
  readonly #counts: Counts
  /** By the keys themselves: text as a key of a map is looked up among all texts first. */
  readonly #unwritten = new Map<string, Map<MessageKey, Unwritten>>()
  #count = 0
  /** Milliseconds since 1970. */
  #lastTime = 0

  constructor(
    collection: Collection<string>,
    parts: { readonly domain: Jid; readonly clock: Clock },
    limits: OfflineLimits,
  ) {
    this.#collection = collection
    this.#domain = parts.domain
    this.#clock = parts.clock
    this.#limits = limits
    this.#counts = new Counts((owner) => {
      return collection.count(owner)
    })
  }

  /** A key behind all that there are; what comes next under a key of its own is behind it. */
  nextKey(): MessageKey {
    this.#count += 1
    // A clock that is set back does not change the order.
    this.#lastTime = Math.max(this.#lastTime, this.#clock.now())
    return new MessageKey(this.#lastTime, this.#count)
  }

  /** Whether no more messages may wait for an account; at once, if they have been counted lately. */
  isFull(account: Jid): boolean | Promise<boolean> {
    const { maxMessages } = this.#limits
    const count = this.#counts.of(account.local)
    return typeof count === 'number' ? count >= maxMessages : count.then((counted) => counted >= maxMessages)
  }

  /**
   * Tells `waiter` when the message would survive a loss of power, or has been removed. It is written with what goes to the database
   * next: most are acknowledged by then, and need not be written at all.
   */
  add(account: Jid, key: MessageKey, message: Message, waiter: Waiter): void {
    const owner = account.local
    this.#counts.add(owner)
    const known = this.#unwritten.get(owner)
    const byKey = known ?? new Map<MessageKey, Unwritten>()
    byKey.set(key, { message, waiter })
    if (known) return
    this.#unwritten.set(owner, byKey)
    void this.#write(owner, byKey)
  }

  async #write(owner: string, byKey: ReadonlyMap<MessageKey, Unwritten>): Promise<void> {
    try {
      await this.#collection.changeLate(owner, () => {
        this.#unwritten.delete(owner)
        return Array.from(byKey, ([key, { message }]) => [key.text, message.toString()] as const)
      })
    } catch (error) {
      // It may have been refused before it was made.
      if (this.#unwritten.get(owner) === byKey) this.#unwritten.delete(owner)
      this.#counts.forget(owner)
      for (const { waiter } of byKey.values()) waiter.refused(error)
      return
    }
    for (const { waiter } of byKey.values()) waiter.kept()
  }

  async has(account: Jid, key: MessageKey): Promise<boolean> {
    return (await this.#collection.get(account.local, key.text)) !== undefined
  }

  /** What waits, oldest first, with when it came (XEP-0203); what is too old is dropped. */
  async all(account: Jid): Promise<KeptMessage[]> {
    const kept: KeptMessage[] = []
    const dead: MessageKey[] = []
    for (const [name, text] of await this.#collection.all(account.local)) {
      const key = MessageKey.of(name)
      const message = this.#isTooOld(key) ? undefined : messageOf(text)
      if (message) kept.push({ key, message: this.#withTime(message, key) })
      else dead.push(key)
    }
    if (dead.length > 0) await this.remove(account, dead)
    return kept
  }

  async remove(account: Jid, all: readonly MessageKey[]): Promise<void> {
    const keys = this.removeUnwritten(account, all)
    if (keys.length === 0) return
    this.forgetCount(account)
    await this.#collection.change(
      account.local,
      keys.map(({ text }) => [text, undefined] as const),
    )
  }

  /** Removes what has not been written, at once; answers what has been, and is left. */
  removeUnwritten(account: Jid, keys: readonly MessageKey[]): readonly MessageKey[] {
    return keys.filter((key) => !this.#removeUnwritten(account.local, key))
  }

  /** Takes back a message that has just been added. */
  async takeBack(account: Jid, key: MessageKey): Promise<void> {
    if (this.#removeUnwritten(account.local, key)) return
    this.#counts.subtract(account.local)
    await this.#collection.set(account.local, key.text, undefined)
  }

  /** Whether it had not been written, and will not be. */
  #removeUnwritten(owner: string, key: MessageKey): boolean {
    const byKey = this.#unwritten.get(owner)
    const unwritten = byKey?.get(key)
    if (!byKey || !unwritten) return false
    byKey.delete(key)
    this.#counts.subtract(owner)
    unwritten.waiter.kept()
    return true
  }

  /** Somebody else has changed what waits for an account. */
  forgetCount(account: Jid): void {
    this.#counts.forget(account.local)
  }

  #isTooOld(key: MessageKey): boolean {
    const { keepDays } = this.#limits
    return keepDays > 0 && key.time < this.#clock.now() - keepDays * dayMs
  }

  #withTime(message: Message, key: MessageKey): Message {
    if (isDelayedBy(message.children, this.#domain)) return message
    return message.with({ children: [...message.children, delay(this.#domain, key.time)] })
  }
}

function messageOf(text: string): Message | undefined {
  const element = parseDocument(text, { namespaces: { '': stanzaNamespace } })
  if ('condition' in element) return undefined
  const from = parseJid(element.attribute('from') ?? '')
  const stanza = from && parseStanza(element, from)
  return stanza instanceof Message ? stanza : undefined
}
