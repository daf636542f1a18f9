// What is kept of a persistent room: settings, lists, subject.
import type { Jid } from '../../jid/jid.ts'
import { parseJid } from '../../jid/jid.ts'
import { stanzaNamespace } from '../../stanza/stanza.ts'
import type { Collection, Store, Value } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'
import { parseAffiliation } from './affiliation.ts'
import type { AffiliationEntry } from './affiliations.ts'
import type { HistoryChanges } from './history.ts'
import { Room, type Subject } from './room.ts'
import { RoomConfig } from './settings/room-config.ts'
import { restoreHistory, storedHistory } from './stored-history.ts'

type StoredEntry = { readonly affiliation: string; readonly nick?: string; readonly reason?: string }
type StoredSubject = {
  readonly texts: readonly { readonly text: string; readonly lang?: string }[]
  readonly nick: string
  readonly by?: string
  readonly when: number
}
type StoredConfig = {
  readonly creator: string
  readonly createdAt: number
  readonly values: { readonly [field: string]: Value }
  readonly subject?: StoredSubject
  readonly extras?: { readonly [extension: string]: Value }
}

const configKey = 'config'
const affiliationPrefix = 'affiliation '

/** The rooms of one service in the store. */
export class RoomStore {
  /** By the room's localpart: `config`, and `affiliation` with an address. */
  readonly #rooms: Collection
  /** By the creator's bare address: localparts of the rooms. */
  readonly #created: Collection<true>
  /** By bare address: localparts of the rooms that have it on a list, but for those that it made. */
  readonly #knowing: Collection<true>
  /** Localparts of all rooms. */
  readonly #all: Collection<true>
  readonly #historyBytes: number
  /** Localparts of the rooms of which something is kept. */
  readonly #kept = new Set<string>()
  /** Addresses whose entries the store could not take, by localpart. */
  readonly #unsaved = new Map<string, readonly string[]>()

  constructor(store: Store, historyBytes: number) {
    this.#rooms = store.collection('muc-rooms')
    this.#created = store.collection('muc-created')
    this.#knowing = store.collection('muc-knowing')
    this.#all = store.collection('muc-all')
    this.#historyBytes = historyBytes
  }

  /** Reads a room; `undefined` if none is kept under that address. */
  async load(jid: Jid): Promise<Room | undefined> {
    const items = await this.#rooms.all(jid.local)
    const stored = items.get(configKey) as StoredConfig | undefined
    const creator = stored && parseJid(stored.creator)
    if (!creator) return undefined
    this.#kept.add(jid.local)
    const room = new Room({
      jid,
      creator,
      createdAt: stored.createdAt,
      historyBytes: this.#historyBytes,
      config: new RoomConfig(Object.entries(stored.values)),
      ...(stored.subject ? { subject: readSubject(stored.subject) } : {}),
      ...(stored.extras ? { extras: Object.entries(stored.extras) } : {}),
    })
    restoreHistory(room, items)
    for (const [key, value] of items) {
      if (!key.startsWith(affiliationPrefix)) continue
      const entry = readEntry(value as StoredEntry)
      if (entry) room.affiliations.set(key.slice(affiliationPrefix.length), entry)
    }
    return room
  }

  /** Localparts of kept rooms, in order: the first `limit` behind `after`. */
  async list(after: string, limit: number): Promise<string[]> {
    return [...(await this.#all.page('', { after, limit })).keys()]
  }

  /** Localparts of the kept rooms that an account made. */
  async createdBy(account: Jid): Promise<string[]> {
    return [...(await this.#created.all(account.toString())).keys()]
  }

  /** Localparts of the kept rooms that have an account on a list, but for those that it made. */
  async knowing(account: Jid): Promise<string[]> {
    return [...(await this.#knowing.all(account.toString())).keys()]
  }

  /** The kept rooms that an account made are nobody's. */
  forgetCreator(account: Jid): Promise<void> {
    return this.#created.clear(account.toString())
  }

  /**
   * Keeps what has changed of a room, if it is one to be kept: everything the first time, then configuration, subject and
   * the addresses in `changed`. A room that is temporary is forgotten. Resolves when that would survive a loss of power.
   */
  async save(room: Room, changed: Iterable<string> = []): Promise<void> {
    if (!room.isPersistent || room.isLocked) return this.remove(room)
    const isNew = !this.#kept.has(room.local)
    const addresses = isNew
      ? [...room.affiliations.entries()].map(([address]) => address)
      : [...changed, ...(this.#unsaved.get(room.local) ?? [])]
    this.#kept.add(room.local)
    this.#unsaved.delete(room.local)
    try {
      await this.#write(room, addresses, isNew)
    } catch (error) {
      // What could not be kept now goes along with the next change.
      this.#unsaved.set(room.local, [...addresses, ...(this.#unsaved.get(room.local) ?? [])])
      throw error
    }
  }

  /** Keeps what has changed of the history of a room, if the room itself is kept. */
  async saveHistory(room: Room, changes: HistoryChanges): Promise<void> {
    if (this.#kept.has(room.local)) await this.#rooms.change(room.local, storedHistory(changes))
  }

  /** Forgets a room. */
  async remove(room: Room): Promise<void> {
    this.#unsaved.delete(room.local)
    if (!this.#kept.delete(room.local)) return
    await Promise.all([
      this.#rooms.clear(room.local),
      this.#created.set(room.creator.toString(), room.local, undefined),
      ...[...room.affiliations.entries()].map(([address]) => this.#note(room, address, undefined)),
      this.#all.set('', room.local, undefined),
    ])
  }

  /** Lets go of what is remembered of a room that is no longer in memory. */
  release(room: Room): void {
    this.#kept.delete(room.local)
    this.#unsaved.delete(room.local)
  }

  async #write(room: Room, addresses: Iterable<string>, isNew: boolean): Promise<void> {
    const items = isNew ? storedHistory(room.history.all) : new Map<string, Value | undefined>()
    items.set(configKey, configOf(room))
    const noted: (Promise<void> | undefined)[] = []
    for (const address of addresses) {
      const entry = room.affiliations.entry(address)
      items.set(affiliationPrefix + address, entryOf(entry))
      noted.push(this.#note(room, address, entry && true))
    }
    await Promise.all([
      ...noted,
      this.#rooms.change(room.local, items),
      isNew ? this.#created.set(room.creator.toString(), room.local, true) : undefined,
      isNew ? this.#all.set('', room.local, true) : undefined,
    ])
  }

  #note(room: Room, address: string, isKnown: true | undefined): Promise<void> | undefined {
    if (address === room.creator.toString()) return undefined
    return this.#knowing.set(address, room.local, isKnown)
  }
}

function configOf(room: Room): StoredConfig {
  return {
    creator: room.creator.toString(),
    createdAt: room.createdAt,
    values: Object.fromEntries(room.config.entries()),
    ...(room.subject ? { subject: subjectOf(room.subject) } : {}),
    ...(room.extras.size > 0 ? { extras: Object.fromEntries(room.extras) } : {}),
  }
}

function subjectOf({ elements, ...rest }: Subject): StoredSubject {
  const texts = elements.map((subject) => {
    const lang = subject.attribute('xml:lang')
    return lang === undefined ? { text: subject.text } : { text: subject.text, lang }
  })
  return { texts, ...rest }
}

function readSubject({ texts, ...rest }: StoredSubject): Subject {
  const elements: Element[] = texts.map(({ text, lang }) =>
    element('subject', stanzaNamespace, { 'xml:lang': lang }, text),
  )
  return { elements, ...rest }
}

function entryOf(entry: AffiliationEntry | undefined): StoredEntry | undefined {
  return entry && { ...entry }
}

function readEntry({ affiliation, nick, reason }: StoredEntry): AffiliationEntry | undefined {
  const known = parseAffiliation(affiliation)
  return (
    known && {
      affiliation: known,
      ...(nick === undefined ? {} : { nick }),
      ...(reason === undefined ? {} : { reason }),
    }
  )
}
