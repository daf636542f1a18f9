// XEP-0313 §6.1.2 and XEP-0424 §4: what is kept of the rooms, and what is left of what was taken back.
import { correctNamespace, retractNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { Archive, ArchiveEntry, ArchiveQuery } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import { escapeAttribute, serialize } from '../../xml/serialize.ts'
import { isLasting, searchText } from '../archive-query/archive-query.ts'
import type { Room, RoomMessage, SaidMessage } from '../muc/muc.ts'
import { type KeptMessage, type MessageKeeper, tombstoneOf } from '../room-retraction/room-retraction.ts'
import { readMessage, storedMessage, whoseOf } from './stored-message.ts'

/** How messages are kept. */
export interface RecordOptions {
  /** How many of a room. */
  readonly keep: number
  readonly isSearched: boolean
}

/** Messages read at a time where one is looked for. */
const atATime = 100
/** How many messages of one account are looked through. */
const mostSearched = 500

/** The archives of all rooms of a service. */
export class RoomRecords {
  readonly #messages: Archive<string>
  readonly #options: RecordOptions

  constructor(messages: Archive<string>, options: RecordOptions) {
    this.#messages = messages
    this.#options = options
  }

  /** Keeps a message on its way through a room; `undefined` if it is none to keep. Resolves when it is kept. */
  keep(item: RoomMessage): Promise<void> | undefined {
    const { room, seat, message, when, archiveId: id } = item
    if (id === undefined || !(item.isSubjectChange || isLasting(message))) return undefined
    const party = { with: seat.jid.bare.toString(), resource: seat.jid.resource }
    return this.#append(room, { id, when, value: storedMessage(item), ...party }, message)
  }

  /** Forgets a room. */
  async erase(room: Room): Promise<void> {
    await this.#messages.remove(room.local)
  }

  /** The last messages that those who enter are told, at most `most`, oldest first. */
  async newest(room: Room, most: number): Promise<SaidMessage[]> {
    const newestFirst: SaidMessage[] = []
    if (most === 0) return newestFirst
    for await (const { message, when } of this.#of(room, { backward: true })) {
      // XEP-0045 §7.2.15: the subject is told by itself.
      if (!message.child('body') && !message.child('retracted', retractNamespace)) continue
      if (newestFirst.push({ message, when }) === most) break
    }
    return newestFirst.reverse()
  }

  /** Whether one of the last messages of an account, a bare address, has that `id` of its sender's. */
  async hasSaid(room: Room, account: string, id: string): Promise<boolean> {
    const mention = ` id='${escapeAttribute(id)}'`
    for await (const { message } of this.#of(room, { with: account, backward: true }, mention)) {
      if (message.id === id) return true
    }
    return false
  }

  /** The archives as one of those who keep what was said in rooms. */
  keeper(keeps: (room: Room) => boolean): MessageKeeper {
    return {
      // What is old may be gone, and what was said while nothing was kept was never there.
      isComplete: false,
      hasTombstones: keeps,
      find: async (room, id) => (await this.#get(room, id))?.message,
      bury: (room, buried, retracted) => this.#bury(room, buried, retracted),
      add: async (room, { id, message }, when) => {
        if (!keeps(room)) return
        const value = serialize(message.with({ to: undefined }).toElement())
        await this.#append(room, { id, when, value, with: room.jid.toString() }, message)
      },
    }
  }

  #append(
    room: Room,
    entry: ArchiveEntry<string> & { readonly resource?: string },
    message: Message,
  ): Promise<void> {
    const { keep, isSearched } = this.#options
    const words = isSearched ? { text: searchText(message) } : {}
    return this.#messages.append(room.local, { ...entry, ...words }, { keep })
  }

  async #get(room: Room, id: string) {
    const page = await this.#messages.find(room.local, { ids: [id], limit: 1 })
    const [entry] = page?.entries ?? []
    const read = entry && readMessage(entry.value)
    return read && { ...entry, ...read }
  }

  async #bury(room: Room, buried: KeptMessage, retracted: Element): Promise<void> {
    const found = await this.#get(room, buried.id)
    if (!found) return
    await this.#replace(room, buried.id, found, retracted)
    const { id } = found.message
    // One that is a tombstone already has had its corrections buried.
    if (id === undefined || found.message.child('retracted', retractNamespace)) return
    // XEP-0308 §3: who corrects a message says it again.
    const query = { with: found.with, newerThan: buried.id }
    for await (const later of this.#of(room, query, correctNamespace)) {
      if (later.message.child('replace', correctNamespace)?.attribute('id') === id) {
        await this.#replace(room, later.id, later, retracted)
      }
    }
  }

  async #replace(
    room: Room,
    id: string,
    { message, stored }: { readonly message: Message; readonly stored: Element },
    retracted: Element,
  ): Promise<void> {
    const tombstone = tombstoneOf(message, retracted).toElement()
    const whose = whoseOf(stored)
    const value = serialize(whose ? tombstone.with({ children: [...tombstone.children, whose] }) : tombstone)
    await this.#messages.replace(room.local, id, { value })
  }

  /**
   * Messages of a room one after the other, at most so many that nobody waits for long. Only those are read whose text
   * has `mention` in it: that is a hundred times faster.
   */
  async *#of(room: Room, query: Pick<ArchiveQuery, 'with' | 'backward' | 'newerThan'>, mention = '') {
    let bound: { readonly before?: string; readonly after?: string } = {}
    for (let count = 0; count < mostSearched; count += atATime) {
      const page = await this.#messages.find(room.local, { ...query, ...bound, limit: atATime })
      const entries = page?.entries ?? []
      const inOrder = query.backward ? entries.toReversed() : entries
      for (const entry of inOrder) {
        const read = entry.value.includes(mention) ? readMessage(entry.value) : undefined
        if (read) yield { ...entry, ...read }
      }
      const last = inOrder.at(-1)?.id
      if (last === undefined || page?.isComplete) return
      bound = query.backward ? { before: last } : { after: last }
    }
  }
}
