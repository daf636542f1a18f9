// Messages that wait, in the order in which they came.
import type { Clock } from '../../base/clock.ts'
import type { Jid } from '../../jid/jid.ts'
import { parseJid } from '../../jid/jid.ts'
import { Message, parseStanza } from '../../stanza/stanza.ts'
import type { Collection } from '../../storage/storage.ts'
import { serialize } from '../../xml/serialize.ts'
import { parseDocument } from '../../xml/xml.ts'

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
  readonly #clock: Clock
  readonly #limits: OfflineLimits
  #count = 0

  constructor(collection: Collection<string>, clock: Clock, limits: OfflineLimits) {
    this.#collection = collection
    this.#clock = clock
    this.#limits = limits
  }

  /** Keeps a message; resolves with false, and does not, if too many wait already. */
  async add(account: Jid, message: Message): Promise<boolean> {
    if ((await this.#collection.count(account.local)) >= this.#limits.maxMessages) return false
    await this.#collection.set(account.local, this.#nextKey(), serialize(message.toElement()))
    return true
  }

  /** What waits, oldest first; what is too old is dropped. */
  async all(account: Jid): Promise<KeptMessage[]> {
    const kept: KeptMessage[] = []
    const dead: string[] = []
    for (const [key, text] of await this.#collection.all(account.local)) {
      const message = this.#isTooOld(key) ? undefined : messageOf(text)
      if (message) kept.push({ key, message })
      else dead.push(key)
    }
    if (dead.length > 0) await this.remove(account, dead)
    return kept
  }

  async remove(account: Jid, keys: readonly string[]): Promise<void> {
    await this.#collection.change(account.local, new Map(keys.map((key) => [key, undefined])))
  }

  #nextKey(): string {
    this.#count += 1
    const time = String(this.#clock.now()).padStart(timeDigits, '0')
    return `${time}-${String(this.#count).padStart(countDigits, '0')}`
  }

  #isTooOld(key: string): boolean {
    const { keepDays } = this.#limits
    return keepDays > 0 && Number(key.slice(0, timeDigits)) < this.#clock.now() - keepDays * dayMs
  }
}

function messageOf(text: string): Message | undefined {
  const element = parseDocument(text)
  if ('condition' in element) return undefined
  const from = parseJid(element.attribute('from') ?? '')
  const stanza = from && parseStanza(element, from)
  return stanza instanceof Message ? stanza : undefined
}
