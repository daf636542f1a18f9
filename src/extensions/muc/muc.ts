// XEP-0045: Multi-User Chat
import type { Undo } from '../../base/scope.ts'
import { defineExtension } from '../../host/extension.ts'
import type { IqHandler } from '../../host/iq.ts'
import type { Jid } from '../../jid/jid.ts'
import { mucNamespace } from '../../stanza/namespaces.ts'
import { disco } from '../disco/disco.ts'
import { addAdminRequests } from './admin.ts'
import {
  type AffiliationChange,
  Conference,
  type Leaving,
  type PresenceStamp,
  type RoomFeature,
  type RoomInfoField,
} from './conference.ts'
import { leaveAllForShutdown } from './destroy.ts'
import { addEnterRules } from './enter.ts'
import { expel } from './expel.ts'
import { forgetAccount } from './forget-account.ts'
import type { HistoryKeeper } from './history.ts'
import {
  type EnterPhase,
  type Entry,
  type RoomLine,
  type RoomMessage,
  type RoomMessagePhase,
  roomLine,
} from './lines.ts'
import type { ListVersions } from './list-versions.ts'
import type { Mark } from './marks.ts'
import { addMessageRules } from './messages.ts'
import type { Occupant } from './occupant.ts'
import { mucOptions } from './options.ts'
import { addOwnerRequests, tellCodes } from './owner.ts'
import { announce } from './presence.ts'
import type { ListedRoom } from './public-rooms.ts'
import { addRegistration } from './register.ts'
import type { Room } from './room.ts'
import { RoomAdministration } from './room-administration.ts'
import { addRoomDisco } from './room-disco.ts'
import { listPublicRooms } from './room-list.ts'
import { RoomService } from './room-service.ts'
import type { RoomSetting } from './settings/setting.ts'
import { addSubjectRules } from './subject.ts'

export { mayReadList } from './admin.ts'
export { type Affiliation, isAtLeast } from './affiliation.ts'
export type { AffiliationChange, Leaving } from './conference.ts'
export type { HistoryKeeper, SaidMessage } from './history.ts'
export type { Entry, RoomMessage } from './lines.ts'
export type { ListVersions } from './list-versions.ts'
export type { Mark } from './marks.ts'
export type { Occupant, Seat } from './occupant.ts'
export type { ListedRoom, PublicRoom } from './public-rooms.ts'
export type { Room } from './room.ts'
export type { RoomAdministration } from './room-administration.ts'
export { count } from './settings/kinds.ts'
export { type RoomSetting, roomSetting } from './settings/setting.ts'

/** What other extensions get of rooms. All that is added here returns its undo, for `host.keep`. */
export interface Muc {
  /** Those who enter a room. */
  readonly enter: RoomLine<EnterPhase, Entry>
  /** Messages to everybody in a room. */
  readonly message: RoomLine<RoomMessagePhase, RoomMessage>
  readonly settings: { add(setting: RoomSetting): Undo }
  /** Requests to a room. */
  readonly iq: {
    get(namespace: string, name: string, handler: IqHandler<[room: Room]>): Undo
    set(namespace: string, name: string, handler: IqHandler<[room: Room]>): Undo
  }
  /** Adds to occupants' presence, or strips from it. */
  stampPresence(stamp: PresenceStamp): Undo
  /** Adds what only rooms say of their occupants, and takes it away where clients say it. */
  mark(mark: Mark): Undo
  /** Adds a feature to rooms' disco#info. */
  advertise(feature: RoomFeature): Undo
  /** A room in memory. */
  find(local: string): Room | undefined
  /** Adds a field to the form in rooms' disco#info. */
  describe(field: RoomInfoField): Undo
  /** Tells everybody that something of a room has changed: status code 104 (XEP-0045 §10.2.1). */
  tellChanged(room: Room): void
  /** Shows everybody the presence of an account's occupants anew: marks of it have changed. */
  showAgain(room: Room, account: Jid): void
  /** Takes all occupants that `isOut` out of all rooms; everybody there is told the reason. */
  expel(isOut: (room: Room, occupant: Occupant) => boolean, reason: string): void
  /** Keeps what has changed of a room's `extras`. Resolves when it would survive a loss of power. */
  keep(room: Room): Promise<void>
  /** The same where nobody waits for it but the service, before it stops. */
  keepLater(room: Room): void
  /** Has `versions` count the versions of rooms' lists (XEP-0463). */
  countVersions(versions: ListVersions): Undo
  /** Hears of clients that are in a room no longer. */
  left(listener: (leaving: Leaving) => void | Promise<void>): Undo
  /** Hears of changes of who belongs to a room. */
  affiliationChanged(listener: (change: AffiliationChange) => void | Promise<void>): Undo
  /** Hears of rooms that are new, before anything happens in them. */
  created(listener: (room: Room) => void | Promise<void>): Undo
  /** Has rooms not keep for their history what `keeper` keeps anyway, and read it there. */
  keepHistory(keeper: HistoryKeeper): Undo
  /** Hears of rooms that are gone for good, and lets go of what belongs to them. */
  removed(listener: (room: Room) => void | Promise<void>): Undo
  /** Rooms that are listed, with what everybody may know of them, in order: the first `limit` behind `after`. */
  listed(after: string, limit: number): Promise<readonly ListedRoom[]>
  /** What those who run the service do with its rooms. */
  readonly administration: RoomAdministration
}

/** Rooms, on a domain of their own. */
export const muc = defineExtension({
  name: 'muc',
  xep: { number: 45, version: '1.35.5' },
  needs: { disco },
  options: mucOptions,
  setup(host, { disco }, options): Muc {
    const conference = new Conference(host, options)
    host.identify({ category: 'conference', type: 'text', name: options.name })
    host.advertise(mucNamespace)
    host.keep(disco.addPagedItems((_iq, page) => listPublicRooms(conference, page)))
    host.afterLoading(() => conference.readDefaults())
    addEnterRules(conference)
    addMessageRules(conference)
    addSubjectRules(conference)
    addAdminRequests(conference)
    addOwnerRequests(conference)
    addRoomDisco(conference)
    addRegistration(conference)
    host.serve(new RoomService(conference))
    host.accountRemoved((account) => forgetAccount(conference, account))
    host.stopping(() => {
      leaveAllForShutdown(conference)
      return conference.rooms.settled()
    })
    host.keep(() => {
      leaveAllForShutdown(conference)
      conference.rooms.close()
    })
    return apiOf(conference)
  },
})

function apiOf(conference: Conference): Muc {
  return {
    enter: roomLine(conference.enter),
    message: roomLine(conference.message),
    settings: { add: (setting) => conference.settings.add(setting) },
    iq: {
      get: (namespace, name, handler) => conference.iq.add('get', namespace, name, handler),
      set: (namespace, name, handler) => conference.iq.add('set', namespace, name, handler),
    },
    stampPresence: (stamp) => addTo(conference.presenceStamps, stamp),
    mark: (mark) => addTo(conference.marks, mark),
    advertise: (feature) => addTo(conference.features, feature),
    find: (local) => conference.rooms.find(local),
    describe: (field) => addTo(conference.infoFields, field),
    tellChanged: (room) => tellCodes(conference, room, [104]),
    showAgain: (room, account) => showAgain(conference, room, account),
    expel: (isOut, reason) => expel(conference, isOut, reason),
    keep: (room) => conference.rooms.save(room),
    keepLater: (room) => conference.rooms.saveLater(room),
    countVersions: (versions) => countVersions(conference, versions),
    left: (listener) => conference.left.add(listener),
    affiliationChanged: (listener) => conference.affiliationChanged.add(listener),
    created: (listener) => conference.created.add(listener),
    keepHistory: (keeper) => keepHistory(conference, keeper),
    removed: (listener) => conference.removed.add(listener),
    listed: (after, limit) => listedAfter(conference, after, limit),
    administration: new RoomAdministration(conference),
  }
}

function keepHistory(conference: Conference, keeper: HistoryKeeper): Undo {
  if (conference.historyKeeper) throw new Error('somebody keeps the history of rooms already')
  conference.historyKeeper = keeper
  return () => {
    if (conference.historyKeeper === keeper) conference.historyKeeper = undefined
  }
}

function countVersions(conference: Conference, versions: ListVersions): Undo {
  if (conference.listVersions) throw new Error('somebody counts the versions of lists already')
  conference.listVersions = versions
  return () => {
    if (conference.listVersions === versions) conference.listVersions = undefined
  }
}

function showAgain(conference: Conference, room: Room, account: Jid): void {
  for (const occupant of room.occupantsByNick.values()) {
    if (!occupant.bare.equals(account.bare)) continue
    occupant.changed()
    announce(conference, room, occupant)
  }
}

async function listedAfter({ publicRooms }: Conference, after: string, limit: number) {
  return (await publicRooms.page({ after }, limit)).items
}

function addTo<Item>(set: Set<Item>, item: Item): Undo {
  set.add(item)
  return () => set.delete(item)
}
