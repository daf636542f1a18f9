// Messages that wait, in the order in which they came.
import type { Clock } from '../../base/clock.ts'
import type { Jid } from '../../jid/jid.ts'
import { parseJid } from '../../jid/jid.ts'
import { delay, isDelayedBy } from '../../stanza/delay.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import { Message, stanzaNamespace } from '../../stanza/stanza.ts'
import type { Collection } from '../../storage/storage.ts'
import { parseDocument } from '../../xml/xml.ts'
import { Counts } from './counts.ts'

/** A message that waits, under a key that says when it came. */
export interface KeptMessage {
  readonly key: string
  readonly message: Message
}

export interface OfflineLimits {
  readonly maxMessages: number
  readonly keepDays: number
}

/** A message that has not been written, and who waits for that. */
interface Unwritten {
  readonly message: Message
  resolve(): void
  reject(error: unknown): void
}
type UnwrittenByOwner = Map<string, Map<string, Unwritten>>

const dayMs = 86_400_000
// Digits that keep the order of numbers as text for the next ten thousand years.
const timeDigits = 15
const countDigits = 9

/** The offline messages of the accounts of a host. */
export class OfflineStore {
  readonly #collection: Collection<string>
  readonly #domain: Jid
  readonly #clock: Clock
  readonly #limits: OfflineLimits
  readonly #counts: Counts
  #unwritten: UnwrittenByOwner = new Map()
  #isWriting = false
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
      this.write()
      return collection.count(owner)
    })
  }

  /** A key behind all that there are; what comes next under a key of its own is behind it. */
  nextKey(): string {
    this.#count += 1
    // A clock that is set back does not change the order.
    this.#lastTime = Math.max(this.#lastTime, this.#clock.now())
    const time = String(this.#lastTime).padStart(timeDigits, '0')
    return `${time}-${String(this.#count).padStart(countDigits, '0')}`
  }

  /** Whether no more messages may wait for an account; at once, if they have been counted lately. */
  isFull(account: Jid): boolean | Promise<boolean> {
    const { maxMessages } = this.#limits
    const count = this.#counts.of(account.local)
    return typeof count === 'number' ? count >= maxMessages : count.then((counted) => counted >= maxMessages)
  }

  /**
   * Resolves when the message would survive a loss of power, or has been removed. While others are being written it waits
   * for them: most are acknowledged meanwhile, and need not be written at all.
   */
  add(account: Jid, key: string, message: Message): Promise<void> {
    const owner = account.local
    this.#counts.add(owner)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let byKey = this.#unwritten.get(owner)
    if (!byKey) {
      byKey = new Map()
      this.#unwritten.set(owner, byKey)
    }
    byKey.set(key, { message, resolve, reject })
    promise.catch(() => this.forgetCount(account))
    if (!this.#isWriting) this.write()
    return promise
  }

  /** Asks the store at once to keep whatever still waits for that. */
  write(): void {
    const unwritten = this.#unwritten
    if (unwritten.size === 0) return
    this.#unwritten = new Map()
    this.#isWriting = true
    const all = Array.from(unwritten, ([owner, byKey]) => this.#writeFor(owner, byKey))
    void Promise.all(all).then(() => {
      this.#isWriting = false
      this.write()
    })
  }

  async #writeFor(owner: string, byKey: ReadonlyMap<string, Unwritten>): Promise<void> {
    try {
      const texts = Array.from(byKey, ([key, { message }]) => [key, message.toString()] as const)
      await this.#collection.change(owner, new Map(texts))
      for (const { resolve } of byKey.values()) resolve()
    } catch (error) {
      for (const { reject } of byKey.values()) reject(error)
    }
  }

  async has(account: Jid, key: string): Promise<boolean> {
    this.write()
    return (await this.#collection.get(account.local, key)) !== undefined
  }

  /** What waits, oldest first, with when it came (XEP-0203); what is too old is dropped. */
  async all(account: Jid): Promise<KeptMessage[]> {
    const kept: KeptMessage[] = []
    const dead: string[] = []
    this.write()
    for (const [key, text] of await this.#collection.all(account.local)) {
      const message = this.#isTooOld(key) ? undefined : messageOf(text)
      if (message) kept.push({ key, message: this.#withTime(message, key) })
      else dead.push(key)
    }
    if (dead.length > 0) await this.remove(account, dead)
    return kept
  }

  async remove(account: Jid, all: readonly string[]): Promise<void> {
    const keys = all.filter((key) => !this.#removeUnwritten(account.local, key))
    if (keys.length === 0) return
    this.forgetCount(account)
    await this.#collection.change(account.local, new Map(keys.map((key) => [key, undefined])))
  }

  /** Takes back a message that has just been added. */
  async takeBack(account: Jid, key: string): Promise<void> {
    if (this.#removeUnwritten(account.local, key)) return
    this.#counts.subtract(account.local)
    await this.#collection.set(account.local, key, undefined)
  }

  /** Whether it had not been written, and will not be. */
  #removeUnwritten(owner: string, key: string): boolean {
    const byKey = this.#unwritten.get(owner)
    const unwritten = byKey?.get(key)
    if (!byKey || !unwritten) return false
    byKey.delete(key)
    if (byKey.size === 0) this.#unwritten.delete(owner)
    this.#counts.subtract(owner)
    unwritten.resolve()
    return true
  }

  /** Somebody else has changed what waits for an account. */
  forgetCount(account: Jid): void {
    this.#counts.forget(account.local)
  }

  #isTooOld(key: string): boolean {
    const { keepDays } = this.#limits
    return keepDays > 0 && timeOf(key) < this.#clock.now() - keepDays * dayMs
  }

  #withTime(message: Message, key: string): Message {
    if (isDelayedBy(message.children, this.#domain)) return message
    return message.with({ children: [...message.children, delay(this.#domain, timeOf(key))] })
  }
}

function timeOf(key: string): number {
  return Number(key.slice(0, timeDigits))
}

function messageOf(text: string): Message | undefined {
  const element = parseDocument(text, { namespaces: { '': stanzaNamespace } })
  if ('condition' in element) return undefined
  const from = parseJid(element.attribute('from') ?? '')
  const stanza = from && parseStanza(element, from)
  return stanza instanceof Message ? stanza : undefined
}
