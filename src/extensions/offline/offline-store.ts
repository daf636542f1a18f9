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
    this.#counts = new Counts((owner) => collection.count(owner))
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

  /** Resolves when the message would survive a loss of power. */
  add(account: Jid, key: string, message: Message): Promise<void> {
    this.#counts.add(account.local)
    const kept = this.#collection.set(account.local, key, message.toString())
    kept.catch(() => this.forgetCount(account))
    return kept
  }

  async has(account: Jid, key: string): Promise<boolean> {
    return (await this.#collection.get(account.local, key)) !== undefined
  }

  /** What waits, oldest first, with when it came (XEP-0203); what is too old is dropped. */
  async all(account: Jid): Promise<KeptMessage[]> {
    const kept: KeptMessage[] = []
    const dead: string[] = []
    for (const [key, text] of await this.#collection.all(account.local)) {
      const message = this.#isTooOld(key) ? undefined : messageOf(text)
      if (message) kept.push({ key, message: this.#withTime(message, key) })
      else dead.push(key)
    }
    if (dead.length > 0) await this.remove(account, dead)
    return kept
  }

  async remove(account: Jid, keys: readonly string[]): Promise<void> {
    this.forgetCount(account)
    await this.#collection.change(account.local, new Map(keys.map((key) => [key, undefined])))
  }

  /** Takes back a message that has just been added. */
  async takeBack(account: Jid, key: string): Promise<void> {
    this.#counts.subtract(account.local)
    await this.#collection.set(account.local, key, undefined)
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
