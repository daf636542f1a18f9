// XEP-0463 §5.2: the versions that the lists of a room have had, and what changed from one to the next.
import type { Ids } from '../../base/ids.ts'
import type { Value } from '../../storage/storage.ts'
import type { Affiliation, Room } from '../muc/muc.ts'

/** A change of one address. */
type Change = {
  /** The version before it. */
  readonly since: string
  readonly address: string
  readonly before: Affiliation
}

type Stored = { readonly version: string; readonly changes: readonly Change[] }

const extra = 'affiliation-versions'

/** The last changes of a room's lists, kept in its `extras`. */
export class ListLog {
  readonly #room: Room
  readonly #ids: Ids
  readonly #most: number

  /** At most `most` changes are remembered. */
  constructor(room: Room, ids: Ids, most: number) {
    this.#room = room
    this.#ids = ids
    this.#most = most
  }

  /** Whether versions are counted: since the first who asked for one. */
  get isCounted(): boolean {
    return this.#room.extras.has(extra)
  }

  /** The version that the lists have now. */
  get version(): string {
    return this.#stored().version
  }

  /** Notes a change that has been made; answers the version before it and the one after it. */
  add(address: string, before: Affiliation): { readonly since: string; readonly until: string } {
    const { version: since, changes } = this.#stored()
    const until = this.#ids.id()
    this.#keep({ version: until, changes: [...changes, { since, address, before }].slice(-this.#most) })
    return { since, until }
  }

  /** The changes since a version; `undefined` where that is not known. */
  since(version: string): readonly Change[] | undefined {
    const { version: now, changes } = this.#stored()
    if (version === now) return []
    const index = changes.findIndex(({ since }) => since === version)
    return index < 0 ? undefined : changes.slice(index)
  }

  #stored(): Stored {
    const stored = this.#room.extras.get(extra) as Stored | undefined
    if (stored) return stored
    const first = { version: this.#ids.id(), changes: [] }
    this.#keep(first)
    return first
  }

  #keep(stored: Stored): void {
    this.#room.extras.set(extra, stored satisfies Value)
  }
}
