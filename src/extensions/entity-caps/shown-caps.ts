// XEP-0115 §5.4: who shows which caps to an account, and what is behind them.
import type { Account } from '../../host/account.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Presence } from '../../stanza/stanza.ts'
import { areSameCaps, type Caps, capsOfPresence } from './caps.ts'
import type { CapsCache, Features } from './caps-cache.ts'
import type { CapsQuestions } from './caps-questions.ts'

/** What an entity shows to an account. */
interface Shown {
  readonly entity: Jid
  readonly caps: Caps
  /** What the entity told of itself, where that is not known of everybody who shows the same. */
  told: Features | undefined
  asking: Promise<Features> | undefined
  hasAnswered: boolean
}

const nothing: Features = new Set()

/** What entities show to the accounts of a host. */
export class ShownCaps {
  readonly #questions: CapsQuestions
  readonly #cache: CapsCache
  readonly #maxEntities: number
  readonly #shownByAccount = new WeakMap<Account, Map<string, Shown>>()

  constructor(questions: CapsQuestions, cache: CapsCache, maxEntities: number) {
    this.#questions = questions
    this.#cache = cache
    this.#maxEntities = maxEntities
  }

  /** Notes what a presence shows to `account`; answers whether the features behind it are not known yet. */
  note(account: Account, { type, from }: Presence, caps: Caps | undefined): boolean {
    if (type === 'unavailable') {
      this.#shownByAccount.get(account)?.delete(from.toString())
      return false
    }
    const before = this.#shown(account, from)
    // §8.4: presence without caps takes nothing back.
    if (!caps || (before && areSameCaps(before.caps, caps))) return false
    const shown = { entity: from, caps, told: undefined, asking: undefined, hasAnswered: false }
    this.#keep(account, shown)
    return this.#known(shown) === undefined
  }

  /** Whether there is nothing to note of a presence: what it shows is what was shown before, or nothing. */
  isNoNews(account: Account, presence: Presence): boolean {
    if (presence.type !== 'available') return presence.type !== 'unavailable'
    const caps = capsOfPresence(presence)
    if (!caps) return true
    const before = this.#shown(account, presence.from)
    return before !== undefined && areSameCaps(before.caps, caps)
  }

  known(account: Account, entity: Jid): Features | undefined {
    const shown = this.#shown(account, entity)
    return shown && this.#known(shown)
  }

  *having(account: Account, feature: string): IterableIterator<Jid> {
    for (const shown of this.#shownByAccount.get(account)?.values() ?? []) {
      if (this.#known(shown)?.has(feature)) yield shown.entity
    }
  }

  capsOf(account: Account, entity: Jid): Promise<Features> | undefined {
    const shown = this.#shown(account, entity)
    if (!shown) return undefined
    if (shown.asking) return shown.asking
    const known = this.#known(shown)
    if (known || shown.hasAnswered) return Promise.resolve(known ?? nothing)
    shown.asking = this.#questions
      .ask(account.jid, entity, shown.caps)
      .then((told) => {
        shown.told = told
        return this.#known(shown) ?? nothing
      })
      .finally(() => {
        shown.hasAnswered = true
        shown.asking = undefined
      })
    return shown.asking
  }

  #known({ caps, told }: Shown): Features | undefined {
    return this.#cache.get(caps) ?? told
  }

  #shown(account: Account, entity: Jid): Shown | undefined {
    return this.#shownByAccount.get(account)?.get(entity.toString())
  }

  #keep(account: Account, shown: Shown): void {
    let byEntity = this.#shownByAccount.get(account)
    if (!byEntity) {
      byEntity = new Map()
      this.#shownByAccount.set(account, byEntity)
    }
    byEntity.set(shown.entity.toString(), shown)
    if (byEntity.size <= this.#maxEntities) return
    for (const [key, { entity }] of byEntity) {
      // The account's own clients, few as they are, are not pushed out by others.
      if (entity.bare.equals(account.jid)) continue
      byEntity.delete(key)
      return
    }
  }
}
