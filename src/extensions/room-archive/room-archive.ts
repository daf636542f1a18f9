// XEP-0313: Message Archive Management, in rooms
import { decimal, flag, integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Iq } from '../../stanza/stanza.ts'
import type { Archive } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import {
  answerMetadata,
  answerQuery,
  expire,
  fulltextNamespace,
  namespace,
  parseArchiveRequest,
  queryForm,
  type RequestLimits,
} from '../archive-query/archive-query.ts'
import { type Muc, muc, type Room } from '../muc/muc.ts'
import { roomRetraction } from '../room-retraction/room-retraction.ts'
import { roomStanzaIds } from '../room-stanza-ids/room-stanza-ids.ts'
import { archiveSetting, loggingSetting } from './archive-settings.ts'
import { checkParty, checkReader, seesAddresses } from './readers.ts'
import { RoomRecords } from './room-records.ts'
import { shownMessage } from './stored-message.ts'

/** What other extensions get of this one. */
export interface RoomArchiveApi {
  /** Whether what is said in a room is kept. */
  keeps(room: Room): boolean
  /** Who said what is kept, as far as it is one of the last messages of `account`, a bare address. */
  readonly records: RoomRecords
}

/** Keeps what is said in rooms, and gives it back in pages to those who may enter. */
export const roomArchive = defineExtension({
  name: 'room-archive',
  xep: { number: 313, version: '1.1.3' },
  needs: { muc, roomRetraction, roomStanzaIds },
  options: {
    enabled: flag(false, 'rooms keep what is said in them, unless their owners want it otherwise'),
    pageSize: integer(50, 'messages of a page for a client that names no number', { min: 1 }),
    maxPageSize: integer(250, 'messages of a page at most', { min: 1 }),
    maxPageLength: integer(1_048_576, 'characters of a page at most; a single message may have more'),
    maxMessages: integer(1_000_000, 'messages kept of one room; beyond it the oldest go', { min: 1 }),
    maxDays: decimal(0, 'days for which messages are kept; 0: without end'),
    search: flag(true, 'keep an index of words, so that clients can search'),
  },
  setup(host, { muc, roomRetraction }, options): RoomArchiveApi {
    const messages: Archive<string> = host.store.archive('room-archive')
    const isSearched = options.search && messages.canSearch
    const setting = archiveSetting(options.enabled)
    const keeps = (room: Room): boolean => room.config.get(setting)
    const records = new RoomRecords(messages, { keep: options.maxMessages, isSearched })

    host.keep(muc.settings.add(setting))
    host.keep(muc.settings.add(loggingSetting(setting)))
    for (const feature of [namespace, `${namespace}#extended`, ...(isSearched ? [fulltextNamespace] : [])]) {
      host.keep(muc.advertise((room) => (keeps(room) ? feature : undefined)))
    }
    host.keep(
      muc.message.archive((item) => {
        if (!keeps(item.room)) return
        const kept = records.keep(item)
        if (!kept) return
        const { receipts } = item.original
        // Those inside get it at once; its sender is told that it is dealt with when it is kept.
        if (receipts) receipts.add(kept.catch((error: unknown) => host.refuse(item.original, error)))
        else item.slow = kept
      }),
    )
    host.keep(roomRetraction.addKeeper(records.keeper(keeps)))
    host.keep(muc.keepHistory({ keeps, newest: (room, most) => records.newest(room, most) }))
    // A room of that name that is gone may have left something, if the server was killed.
    host.keep(muc.created((room) => records.erase(room)))
    host.keep(muc.removed((room) => records.erase(room)))
    if (options.maxDays > 0) {
      expire(host, { messages, list: (range) => muc.administration.list(range) }, options.maxDays)
    }
    addRequests(host, muc, messages, { ...options, isSearched, keeps })
    return { keeps, records }
  },
})

interface RequestOptions extends RequestLimits {
  readonly maxPageLength: number
  readonly keeps: (room: Room) => boolean
}

function addRequests(host: ScopedHost, muc: Muc, messages: Archive<string>, options: RequestOptions): void {
  const { isSearched, keeps } = options
  const form = queryForm({ isSearched, hasGroupchatField: false })
  const check = (iq: Iq, room: Room): void => checkReader(room, iq.from, keeps(room))
  host.keep(
    muc.iq.get(namespace, 'query', (iq, room) => {
      check(iq, room)
      return form
    }),
  )
  host.keep(
    muc.iq.set(namespace, 'query', async (iq, room) => {
      check(iq, room)
      const request = parseArchiveRequest(iq.payload as Element, options)
      checkParty(room, iq.from, request.query)
      const view = seesAddresses(room, iq.from)
      const shelf = {
        messages,
        owner: room.local,
        by: room.jid,
        to: iq.from,
        send: host.route.bind(host),
        show: (message: Element) => shownMessage(message, view),
      }
      return (await answerQuery(shelf, request, options.maxPageLength)).fin
    }),
  )
  host.keep(
    muc.iq.get(namespace, 'metadata', (iq, room) => {
      check(iq, room)
      return answerMetadata({ messages, owner: room.local })
    }),
  )
}
