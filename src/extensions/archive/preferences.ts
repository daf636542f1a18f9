// XEP-0441: Message Archive Management Preferences
import type { Account } from '../../host/account.ts'
import { PerAccount } from '../../host/per-account.ts'
import { type Jid, jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { KeyValue } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import type { RosterApi } from '../roster/roster.ts'
import {
  type ArchivePreferences,
  type Policy,
  parsePreferences,
  preferencesElement,
} from './preference-elements.ts'

/** Preferences as they are kept. */
export type KeptPreferences = {
  readonly policy: Policy
  readonly always: readonly string[]
  readonly never: readonly string[]
}

/** Preferences with their lists ready to be looked into. */
interface Wishes {
  readonly preferences: ArchivePreferences
  /** Whether to archive, by address. */
  readonly listed: ReadonlyMap<string, boolean>
}

/** What the accounts want archived; read once while an account is loaded. */
export class Preferences {
  readonly #kept: KeyValue<KeptPreferences>
  readonly #roster: RosterApi
  readonly #options: { readonly policy: Policy; readonly maxListed: number }
  readonly #wishes = new PerAccount((account) => this.#load(account))

  constructor(
    kept: KeyValue<KeptPreferences>,
    roster: RosterApi,
    options: { readonly policy: Policy; readonly maxListed: number },
  ) {
    this.#kept = kept
    this.#roster = roster
    this.#options = options
  }

  /** Whether what `account` exchanges with `other` is to be archived; at once, unless something has to be read. */
  isWanted(account: Account, other: Jid): boolean | Promise<boolean> {
    const wishes = this.#wishes.of(account)
    if (!(wishes instanceof Promise)) return this.#decide(wishes, account, other)
    return wishes.then((loaded) => this.#decide(loaded, account, other))
  }

  /** The preferences in force, for the account. */
  async show(account: Account): Promise<Element> {
    return preferencesElement((await this.#wishes.of(account)).preferences)
  }

  /**
   * Replaces the preferences; resolves with those in force when they would survive a loss of power.
   * @throws StanzaError for what cannot be read, and resource-constraint for lists that are too long
   */
  async change(account: Account, prefs: Element): Promise<Element> {
    const preferences = parsePreferences(prefs)
    const { policy, always, never } = preferences
    const { maxListed } = this.#options
    if (always.length + never.length > maxListed) {
      throw new StanzaError('resource-constraint', `at most ${maxListed} addresses are listed`)
    }
    const kept = { policy, always: always.map(String), never: never.map(String) }
    await this.#kept.set(account.jid.local, kept)
    this.#wishes.set(account, wishesOf(preferences))
    return preferencesElement(preferences)
  }

  // XEP-0441 §2.3: the whole address comes before the bare one.
  #decide({ preferences, listed }: Wishes, account: Account, other: Jid): boolean | Promise<boolean> {
    const isListed =
      listed.size === 0 ? undefined : (listed.get(other.toString()) ?? listed.get(other.bare.toString()))
    if (isListed !== undefined) return isListed
    if (preferences.policy !== 'roster') return preferences.policy === 'always'
    return this.#roster.isContact(account, other.bare)
  }

  async #load(account: Account): Promise<Wishes> {
    const kept = await this.#kept.get(account.jid.local)
    const { policy = this.#options.policy, always = [], never = [] } = kept ?? {}
    return wishesOf({ policy, always: always.map(jid), never: never.map(jid) })
  }
}

/** Who is in both lists is not archived: what was kept in error can be read, what was not is only missing. */
function wishesOf(preferences: ArchivePreferences): Wishes {
  const listed = new Map<string, boolean>()
  for (const address of preferences.always) listed.set(address.toString(), true)
  for (const address of preferences.never) listed.set(address.toString(), false)
  return { preferences, listed }
}
