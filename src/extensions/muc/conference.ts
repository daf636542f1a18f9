// One service of rooms: what its parts share.
import { InTurn } from '../../base/in-turn.ts'
import { Signal } from '../../base/signal.ts'
import { IqTable } from '../../host/iq.ts'
import { Line } from '../../host/line.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Field } from '../../stanza/form.ts'
import type { Message, Presence, Stanza } from '../../stanza/stanza.ts'
import { StanzaError, type StanzaErrorCondition, type StanzaErrorType } from '../../stanza/stanza-error.ts'
import type { Node } from '../../xml/element.ts'
import type { Affiliation } from './affiliation.ts'
import type { HistoryKeeper } from './history.ts'
import {
  type EnterPhase,
  type Entry,
  enterPhases,
  type RoomMessage,
  type RoomMessagePhase,
  roomMessagePhases,
} from './lines.ts'
import type { ListVersions } from './list-versions.ts'
import type { Mark } from './marks.ts'
import type { Seat } from './occupant.ts'
import type { MucOptions } from './options.ts'
import { PresenceNews } from './presence-news.ts'
import { PublicRooms } from './public-rooms.ts'
import type { Room } from './room.ts'
import { RoomPaces } from './room-paces.ts'
import { RoomStore } from './room-store.ts'
import { Rooms } from './rooms.ts'
import { readDefaults } from './settings/defaults.ts'
import { RoomConfig } from './settings/room-config.ts'
import { RoomSettings } from './settings/settings.ts'
import { WrongPasswords } from './wrong-passwords.ts'

/** Adds to what the room says of an occupant in presence, or takes away what was forged. */
export type PresenceStamp = (content: readonly Node[], room: Room, from: Jid) => readonly Node[]
/** A feature of one room's disco#info, or none. */
export type RoomFeature = (room: Room) => string | undefined

/** A field of the form in one room's disco#info, or none. */
export type RoomInfoField = (room: Room) => Field | undefined

/** A client that is in a room no longer. */
export interface Leaving {
  readonly room: Room
  readonly seat: Seat
}

/** Another relation of somebody, or of a domain, to a room. */
export interface AffiliationChange {
  readonly room: Room
  readonly address: Jid
  readonly before: Affiliation
  readonly now: Affiliation
}

/** A service of rooms (XEP-0045), as its parts see it. */
export class Conference {
  readonly host: ScopedHost
  readonly options: MucOptions
  readonly settings = new RoomSettings()
  readonly rooms: Rooms
  readonly publicRooms: PublicRooms
  readonly enter = new Line<EnterPhase, Entry>(enterPhases)
  readonly message = new Line<RoomMessagePhase, RoomMessage>(roomMessagePhases)
  /** Requests to a room. */
  readonly iq = new IqTable<[room: Room]>()
  readonly presenceStamps = new Set<PresenceStamp>()
  readonly features = new Set<RoomFeature>()
  /** Fields of rooms' disco#info form (XEP-0045 §6.4). */
  readonly infoFields = new Set<RoomInfoField>()
  readonly marks = new Set<Mark>()
  /** An archive that has the history of rooms besides. */
  historyKeeper: HistoryKeeper | undefined
  /** Who counts the versions of rooms' lists (XEP-0463). */
  listVersions: ListVersions | undefined
  /** Told of clients that are in a room no longer. */
  readonly left = new Signal<Leaving>()
  /** Told of changes of who belongs to a room. */
  readonly affiliationChanged = new Signal<AffiliationChange>()
  /** Told of rooms that are new, before anything happens in them. */
  readonly created = new Signal<Room>()
  /** Told of rooms that are gone for good. */
  readonly removed = new Signal<Room>()
  readonly inTurn = new InTurn()
  /** What the occupants of rooms are told at the end of the turn. */
  readonly news = new PresenceNews((presence, to) => this.share(presence, to))
  readonly wrongPasswords: WrongPasswords
  readonly #listenerFailed = (error: unknown) => this.host.log.error('listener failed', { error })
  #defaults = new RoomConfig()
  readonly paces: RoomPaces

  constructor(host: ScopedHost, options: MucOptions) {
    this.host = host
    this.options = options
    this.publicRooms = new PublicRooms(host.store)
    this.rooms = new Rooms({
      domain: host.domain,
      clock: host.clock,
      store: new RoomStore(host.store, options.historyBytes),
      publicRooms: this.publicRooms,
      defaults: () => this.#defaults,
      historyBytes: options.historyBytes,
      keepHistory: options.keepHistory,
      historyLength: options.historyLength,
      historyKeeper: () => this.historyKeeper,
      listener: { left: (room, seat) => this.left.emit({ room, seat }, this.#listenerFailed) },
      onCreated: (room) =>
        this.created.emit(room, (error) => host.log.error('room could not be begun', { error })),
      emptyKept: options.roomsInMemory,
      isBusy: (local) => this.inTurn.isBusy(local),
      onRemoved: (room) =>
        this.removed.emitAndWait(room, (error) => host.log.error('room could not be erased', { error })),
      onError: (error) => host.log.error('room could not be kept', { error }),
    })
    this.paces = new RoomPaces(host.clock, options)
    const limits = {
      perAccount: options.wrongPasswords,
      perRoom: options.wrongPasswordsPerRoom,
      windowMs: options.wrongPasswordSeconds * 1000,
      remembered: options.wrongPasswordsKept,
    }
    this.wrongPasswords = new WrongPasswords(limits, host.clock)
  }

  /**
   * Reads with what rooms begin, now that the settings of all extensions are known.
   * @throws Error that names the field that no room has, or that cannot have that value
   */
  readDefaults(): void {
    this.#defaults = readDefaults(this.options.defaults, this.settings)
  }

  /** Tells of another relation of somebody to a room. */
  tellAffiliation(change: AffiliationChange): void {
    this.affiliationChanged.emit(change, this.#listenerFailed)
  }

  /** Sends a stanza from a room to somebody. A promise is who is slow to take it. */
  send(stanza: Stanza): void | Promise<void> {
    return this.host.route(stanza)
  }

  /** The same for a stanza that many get, which has no `to`. */
  share(stanza: Message | Presence, to: Jid): void | Promise<void> {
    return this.host.share(stanza, to)
  }
}

/** A refusal in the name of a room: with its address in `by` (XEP-0045 §7.2). */
export function refusal(
  room: { readonly jid: Jid },
  condition: StanzaErrorCondition,
  text: string,
  type?: StanzaErrorType,
): StanzaError {
  return new StanzaError(condition, text, type ? { by: room.jid, type } : { by: room.jid })
}
