// The files of a service: promised, kept, found again, and removed when their time is over.
import { InTurn } from '../../base/in-turn.ts'
import { repeat } from '../../base/repeat.ts'
import type { Undo } from '../../base/scope.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Files } from '../../storage/files.ts'
import type { Collection, KeyValue } from '../../storage/storage.ts'
import {
  type AccountFile,
  checkQuota,
  checkRequest,
  endOf,
  purposesOf,
  type UploadLimits,
} from './allowance.ts'
import type { Purpose, SlotRequest } from './slot.ts'

/** One file as it is kept, under its id. */
export type KeptFile = {
  /** Bare address of who sent it. */
  readonly account: string
  readonly name: string
  readonly size: number
  readonly type: string | undefined
  /** Whether its bytes are here; else it is a slot that waits for them. */
  readonly isThere: boolean
  /** Milliseconds since 1970. */
  readonly when: number
  /** When it is removed, in milliseconds since 1970; 0 for not while the account is there. */
  readonly end: number
  /** Until when a slot holds; when it is over the file ends as above. */
  readonly fileEnd: number
}

/** A slot that was given. */
export interface Slot {
  /** Part of the address, and as good as a password. */
  readonly id: string
  readonly name: string
}

/** How long after its end a file may still take up room; nobody is given it. */
const sweepMs = 60_000
/** Removed in one go. */
const filesAtATime = 100
const everybody = ''

/** The files of one service. */
export class Uploads {
  readonly #host: ScopedHost
  readonly #limits: UploadLimits
  readonly #bytes: Files
  readonly #files: KeyValue<KeptFile>
  readonly #byAccount: Collection<AccountFile>
  /** What ends when, so that nobody has to go through all. Keys begin with the time. */
  readonly #ends: Collection<string>
  /** Those whose bytes are coming. */
  readonly #coming = new Set<string>()
  readonly #accounts = new InTurn()

  constructor(host: ScopedHost, limits: UploadLimits) {
    this.#host = host
    this.#limits = limits
    this.#bytes = host.files
    this.#files = host.store.keyValue('uploads')
    this.#byAccount = host.store.collection('uploads-by-account')
    this.#ends = host.store.collection('uploads-by-end')
  }

  /** What files may be for. */
  get purposes(): readonly Purpose[] {
    return purposesOf(this.#limits)
  }

  /**
   * Promises an account to take a file.
   * @throws StanzaError `not-acceptable` for what is never taken, `resource-constraint` for what is too much now
   */
  async promise(account: Jid, request: SlotRequest): Promise<Slot> {
    checkRequest(request, this.#limits, this.#host.clock.now())
    const id = this.#host.ids.id()
    await this.#accounts.run(account.toString(), async () => {
      const { name, size, type } = request
      const all = await this.#byAccount.all(account.toString())
      const when = this.#host.clock.now()
      checkQuota([...all.values()], size, this.#limits, when)
      const end = when + this.#limits.slotSeconds * 1000
      const fileEnd = endOf(request, this.#limits, when)
      await this.#keep(id, {
        account: account.toString(),
        name,
        size,
        type,
        isThere: false,
        when,
        end,
        fileEnd,
      })
    })
    return { id, name: request.name }
  }

  /** A file or a slot whose time is not over. */
  async find(id: string, name: string): Promise<KeptFile | undefined> {
    const file = await this.#files.get(id)
    return file?.name === name && !this.#isOver(file) ? file : undefined
  }

  /**
   * Takes the bytes that were promised; resolves when the file would survive a loss of power.
   * @returns false if they are there or coming already
   * @throws RangeError if it is another number of bytes
   */
  async take(id: string, file: KeptFile, source: AsyncIterable<Uint8Array>): Promise<boolean> {
    if (file.isThere || this.#coming.has(id)) return false
    this.#coming.add(id)
    try {
      // Somebody else's may have come since it was looked up.
      if ((await this.#files.get(id))?.isThere !== false) return false
      await this.#bytes.write(id, source, file.size)
      if (!(await this.#files.get(id))) {
        // The account has been removed meanwhile.
        await this.#bytes.remove(id)
        return false
      }
      const kept: KeptFile = { ...file, isThere: true, end: file.fileEnd }
      await this.#keep(id, kept)
      await this.#ends.set(everybody, keyOf(file.end, id), undefined)
      return true
    } finally {
      this.#coming.delete(id)
    }
  }

  /** The bytes of a file from `start` up to `end`, which is the last one. */
  read(id: string, start: number, end: number): ReturnType<Files['read']> {
    return this.#bytes.read(id, start, end)
  }

  /** Removes all that an account has sent. */
  async removeAll(account: Jid): Promise<void> {
    const owner = account.toString()
    for (;;) {
      const page = await this.#byAccount.page(owner, { limit: filesAtATime })
      if (page.size === 0) return
      for (const id of page.keys()) await this.#remove(id, owner)
    }
  }

  /** Removes what has come to its end, from now on until that is undone. */
  startExpiry(): Undo {
    const failed = (error: unknown) => this.#host.log.warn('old files not removed', { error })
    return repeat(this.#host.clock, sweepMs, (signal) => this.#sweep(signal), failed)
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const before = keyOf(this.#host.clock.now(), '')
    let after = ''
    for (;;) {
      const page = await this.#ends.page(everybody, { after, before, limit: filesAtATime })
      for (const [key, id] of page) {
        if (signal.aborted) return
        after = key
        const file = await this.#files.get(id)
        // Whatever is coming now was begun in time.
        if (this.#coming.has(id)) continue
        if (file && this.#isOver(file)) await this.#remove(id, file.account)
        await this.#ends.set(everybody, key, undefined)
      }
      if (page.size < filesAtATime) return
    }
  }

  #isOver({ end }: KeptFile): boolean {
    return end !== 0 && end <= this.#host.clock.now()
  }

  // What ends it comes first: whatever is left of it after a crash is removed in time.
  async #keep(id: string, file: KeptFile): Promise<void> {
    const { account, size, when, isThere, end } = file
    await Promise.all([
      end === 0 ? undefined : this.#ends.set(everybody, keyOf(end, id), id),
      this.#byAccount.set(account, id, { size, when, isThere }),
      this.#files.set(id, file),
    ])
  }

  async #remove(id: string, account: string): Promise<void> {
    await this.#bytes.remove(id)
    // Asked for in one go, they are kept in one go: alone, the second would count against the account for good.
    await Promise.all([this.#files.set(id, undefined), this.#byAccount.set(account, id, undefined)])
  }
}

/** In the order of time, as text. */
function keyOf(end: number, id: string): string {
  return `${String(Math.min(end, Number.MAX_SAFE_INTEGER)).padStart(16, '0')} ${id}`
}
