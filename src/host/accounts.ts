// Who may log in to a host: accounts as they are kept.
import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'
import { InTurn } from '../base/in-turn.ts'
import { type Jid, parseJid } from '../jid/jid.ts'
import type { Collection, KeyValue, Store } from '../storage/storage.ts'
import {
  type Credentials,
  deriveScramKeys,
  type ScramHash,
  type ScramKeys,
  saltBytes,
  scramHashes,
} from '../stream/credentials.ts'
import { prepareSecret } from '../stream/secret.ts'
import { AccountChanges } from './account-changes.ts'
import type { AuthFunction } from './auth.ts'
import { type KeptKeys, keptKeys, scramKeysOf } from './kept-keys.ts'

type KeptAccount = {
  /** Milliseconds since 1970. */
  readonly created: number
  /** Empty where something outside knows the password. */
  readonly scram: { readonly [Hash in ScramHash]?: KeptKeys }
  /** Another one each time a password that is kept elsewhere is changed. */
  readonly stamp?: string
}

/** RFC 7677 §4: at least 4096; more makes a stolen file worth less and every login dearer. */
const standardIterations = 10_000
const secretBytes = 32
/** Owner of what is no single account's, and is not erased with one. */
const everybody = ''

/** What ends with an account outside of the list of accounts. */
export interface AccountEnds {
  /** Erases what extensions keep for an account. */
  eraseData(account: Jid): Promise<void>
  /** Ends the sessions of an account that is gone, and lets go of it. */
  end(account: Jid): void
  /** Ends the sessions of an account that stays. */
  logOut(account: Jid): void
}

/** The accounts of one host. */
export class Accounts implements Credentials {
  readonly #domain: Jid
  readonly #kept: KeyValue<KeptAccount>
  readonly #clock: Clock
  readonly #ids: Ids
  readonly #ends: AccountEnds
  readonly #createOnLogin: boolean
  readonly #auth: AuthFunction | undefined
  /** Those who have no password, and are forgotten when they leave. */
  readonly #guests = new Set<string>()
  readonly #secrets: KeyValue<string>
  readonly #store: Store
  /** When accounts of these names were removed, in milliseconds since 1970. */
  readonly #removed: Collection<number>
  /** An account is made, changed and removed one thing at a time. */
  readonly #turns = new InTurn()
  readonly #changes = new AccountChanges()
  #fakeSaltSecret: Uint8Array
  readonly iterations = standardIterations

  constructor(parts: {
    domain: Jid
    store: Store
    clock: Clock
    ids: Ids
    /** For test servers only: whoever logs in has an account, with whatever password came first. */
    createOnLogin?: boolean
    /** Knows the passwords, in place of what is kept here. */
    auth?: AuthFunction | undefined
    ends: AccountEnds
  }) {
    this.#domain = parts.domain
    this.#kept = parts.store.keyValue('accounts')
    this.#clock = parts.clock
    this.#ids = parts.ids
    this.#ends = parts.ends
    this.#createOnLogin = parts.createOnLogin ?? false
    this.#auth = parts.auth
    this.#secrets = parts.store.keyValue('secrets')
    this.#store = parts.store
    this.#removed = parts.store.collection('removed-accounts')
    this.#fakeSaltSecret = parts.ids.bytes(secretBytes)
  }

  /** Reads what must stay the same over restarts; call it before the first login. */
  async open(): Promise<void> {
    const kept = await this.#secrets.get('fake-salt')
    if (kept !== undefined) this.#fakeSaltSecret = Buffer.from(kept, 'base64')
    else await this.#secrets.set('fake-salt', Buffer.from(this.#fakeSaltSecret).toString('base64'))
  }

  /** What the salts of accounts that do not exist are made from. */
  get fakeSaltSecret(): Uint8Array {
    return this.#fakeSaltSecret
  }

  /** The bare address of an account of that name, whether it exists or not; `undefined` if the name cannot be one. */
  address(local: string): Jid | undefined {
    return local === '' || /[@/]/.test(local) ? undefined : parseJid(`${local}@${this.#domain}`)
  }

  /** Whether an account may have that password: it is neither empty nor too long nor has characters that no password has (RFC 4013). */
  isPossiblePassword(password: string): boolean {
    return prepareSecret(password) !== undefined
  }

  async exists(account: Jid): Promise<boolean> {
    return this.#guests.has(account.local) || (await this.#kept.get(account.local)) !== undefined
  }

  /** Makes an account that exists until it is removed or the server stops, and has no password (XEP-0175). */
  admitGuest(account: Jid): void {
    this.#guests.add(account.local)
  }

  /** Whether an account is that of a guest. */
  isGuest(account: Jid): boolean {
    return this.#guests.has(account.local)
  }

  /**
   * Makes an account; resolves when it would survive a loss of power.
   * @returns false if there is one of that name already
   * @throws RangeError for a password that is not possible
   */
  create(account: Jid, password: string): Promise<boolean> {
    return this.#inTurn(account, async () => {
      if (await this.exists(account)) return false
      await this.#kept.set(account.local, { created: this.#clock.now(), scram: await this.#derive(password) })
      return true
    })
  }

  /**
   * @returns false if there is no such account
   * @throws RangeError for a password that is not possible
   */
  setPassword(account: Jid, password: string): Promise<boolean> {
    return this.#inTurn(account, async () => {
      const kept = await this.#kept.get(account.local)
      if (!kept) return false
      const scram = await this.#derive(password)
      const { stamp: _before, ...rest } = kept
      await this.endingLogins(account, () => this.#kept.set(account.local, { ...rest, scram }))
      return true
    })
  }

  /**
   * The password of an account has been changed where it is kept, outside: what its clients were given to log in with
   * instead (XEP-0484) is worth nothing any more.
   * @returns false if there is no such account
   */
  notePasswordChange(account: Jid): Promise<boolean> {
    return this.#inTurn(account, async () => {
      const kept = await this.#kept.get(account.local)
      if (!kept) return false
      const changed = { ...kept, stamp: this.#ids.id() }
      await this.endingLogins(account, () => this.#kept.set(account.local, changed))
      return true
    })
  }

  /** Makes a change of an account; log-ins to it that began before that was done come to nothing. */
  async endingLogins(account: Jid, change: () => Promise<void>): Promise<void> {
    // Who begins meanwhile may find either; so whoever is given something can see that this has begun.
    this.#changes.note(account.local)
    try {
      await change()
    } finally {
      this.#changes.note(account.local)
    }
  }

  /** How many changes have ended log-ins that were under way. */
  get changes(): number {
    return this.#changes.count
  }

  /** Whether log-ins to an account have ended since there were `count` changes. */
  hasChanged(account: Jid, count: number): boolean {
    return this.#changes.hasChanged(account.local, count)
  }

  /**
   * Removes an account and everything it has, and ends its sessions.
   * @returns false if there is no such account
   */
  async remove(account: Jid): Promise<boolean> {
    const wasThere = await this.erase(account)
    this.endSessions(account)
    return wasThere
  }

  /**
   * Removes an account and everything it has; its sessions go on until `endSessions`, so that one of them
   * can still be told.
   * @returns false if there is no such account
   */
  erase(account: Jid): Promise<boolean> {
    return this.#inTurn(account, async () => {
      if (!(await this.exists(account))) return false
      await this.#ends.eraseData(account)
      // Before the account itself: at no time does it look as if nobody had ever had the name. That of a guest comes once.
      if (!this.isGuest(account)) await this.#removed.set(everybody, account.local, this.#clock.now())
      // Nobody gets the name of a guest again.
      if (this.isGuest(account)) this.#guests.delete(account.local)
      else await this.endingLogins(account, () => this.#kept.set(account.local, undefined))
      return true
    })
  }

  /** Whether there was an account of that name, and is none now: what is said to it may be meant for who had it. */
  async wasRemoved(account: Jid): Promise<boolean> {
    return (await this.#removed.get(everybody, account.local)) !== undefined && !(await this.exists(account))
  }

  /** Erases what was kept for an account while it was being removed; of one that exists nothing. */
  eraseRest(account: Jid): Promise<boolean> {
    return this.#inTurn(account, async () => {
      if (await this.exists(account)) return false
      await this.#store.eraseOwner(account.local)
      return true
    })
  }

  /** Ends the sessions of an account that is gone (XEP-0077 §3.2). */
  endSessions(account: Jid): void {
    this.#ends.end(account)
  }

  /** Ends the sessions of an account, as when its password has been changed because somebody else knew it. */
  logOut(account: Jid): void {
    this.#ends.logOut(account)
  }

  /** Names of accounts in order, at most `limit`, those after `after`. */
  list(range: { after?: string; limit?: number } = {}): Promise<string[]> {
    return this.#kept.owners(range)
  }

  /** RFC 5802: the keys against which a login is checked. */
  async scramKeys(local: string, hash: ScramHash): Promise<ScramKeys | undefined> {
    const kept = (await this.#kept.get(local))?.scram[hash]
    return kept && scramKeysOf(kept, hash)
  }

  /** The hashes for which an account has keys; `undefined` if there is no such account. */
  async hashesOf(local: string): Promise<readonly ScramHash[] | undefined> {
    const kept = await this.#kept.get(local)
    return kept && scramHashes.filter((hash) => kept.scram[hash])
  }

  /** XEP-0480: keeps keys for a hash for which an account has none. */
  async addKeys(account: Jid, keys: ScramKeys): Promise<void> {
    await this.#inTurn(account, async () => {
      const kept = await this.#kept.get(account.local)
      if (!kept || kept.scram[keys.hash]) return false
      await this.#kept.set(account.local, { ...kept, scram: { ...kept.scram, [keys.hash]: keptKeys(keys) } })
      return true
    })
  }

  /** Makes the keys that an account lacks of a password that has just been found to be its own. */
  async notePassword(account: Jid, password: string): Promise<void> {
    const known = await this.hashesOf(account.local)
    if (!known) return
    for (const hash of scramHashes)
      if (!known.includes(hash)) await this.addKeys(account, await this.#keys(password, hash))
  }

  /** Changes whenever the password does; `undefined` if there is no such account. */
  async passwordStamp(account: Jid): Promise<string | undefined> {
    const kept = await this.#kept.get(account.local)
    return kept && (kept.stamp ?? kept.scram['sha-256']?.salt ?? String(kept.created))
  }

  /** Present where somebody outside knows the passwords. */
  get checkPassword(): ((account: Jid, password: string, address: string) => Promise<boolean>) | undefined {
    const auth = this.#auth
    return auth && ((account, password, address) => this.#ask(auth, account, password, address))
  }

  /** Whether PLAIN with any password makes the account (test servers only). */
  get createsOnLogin(): boolean {
    return this.#createOnLogin
  }

  async #inTurn(account: Jid, change: () => Promise<boolean>): Promise<boolean> {
    let result = false
    await this.#turns.run(account.local, async () => {
      result = await change()
    })
    return result
  }

  async #ask(auth: AuthFunction, account: Jid, password: string, address: string): Promise<boolean> {
    const { local: username, domain: host } = account
    if ((await auth({ mechanism: 'PLAIN', username, password, host, address })) !== true) return false
    await this.#inTurn(account, async () => {
      if (await this.exists(account)) return false
      await this.#kept.set(account.local, { created: this.#clock.now(), scram: {} })
      return true
    })
    return true
  }

  async #derive(password: string): Promise<KeptAccount['scram']> {
    const all = await Promise.all(scramHashes.map((hash) => this.#keys(password, hash)))
    return Object.fromEntries(all.map((keys) => [keys.hash, keptKeys(keys)]))
  }

  #keys(password: string, hash: ScramHash): Promise<ScramKeys> {
    return deriveScramKeys(password, {
      hash,
      salt: this.#ids.bytes(saltBytes),
      iterations: this.iterations,
    })
  }
}
