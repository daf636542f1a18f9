// XEP-0045: a room: who is in it and with what right. It sends nothing and stores nothing.
import type { Jid } from '../../jid/jid.ts'
import type { Value } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import { type Affiliation, initialRole, isAtLeast, type Role } from './affiliation.ts'
import { Affiliations } from './affiliations.ts'
import { History } from './history.ts'
import { Occupant, type PresenceContent, Seat } from './occupant.ts'
import { RememberedVoices } from './remembered-voices.ts'
import { membersOnly } from './settings/members-only.ts'
import { moderated } from './settings/moderated.ts'
import { name } from './settings/name.ts'
import { passwordProtected } from './settings/password.ts'
import { persistent } from './settings/persistent.ts'
import { presenceBroadcast } from './settings/presence-broadcast.ts'
import { publicRoom } from './settings/public.ts'
import { RoomConfig } from './settings/room-config.ts'
import { whois } from './settings/whois.ts'

/** What a room is talking about, who said so and when (milliseconds since 1970). */
export interface Subject {
  /** The `<subject/>` elements, one a language. */
  readonly elements: readonly Element[]
  /** The nick of who set it. */
  readonly nick: string
  /** The bare address of who set it. */
  readonly by?: string
  readonly when: number
}

/** What a room begins with. */
export interface RoomParts {
  readonly jid: Jid
  /** The bare address of who made it. */
  readonly creator: Jid
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly historyBytes: number
  readonly config?: RoomConfig
  readonly subject?: Subject
  readonly extras?: Iterable<readonly [string, Value]>
}

/** Hears of what happens in rooms; one for all of them. */
export interface RoomListener {
  /** A client's seat is no longer there. */
  left(room: Room, seat: Seat): void
}

/** One room. */
export class Room {
  readonly jid: Jid
  readonly creator: Jid
  readonly createdAt: number
  readonly affiliations = new Affiliations()
  readonly history: History
  readonly voices = new RememberedVoices()
  readonly occupantsByNick: ReadonlyMap<string, Occupant>
  /** Everybody's clients, by full address. */
  readonly seats: ReadonlyMap<string, Seat>
  /** What extensions remember of the room, by the extension's name; kept where the room is. */
  readonly extras: Map<string, Value>
  config: RoomConfig
  subject: Subject | undefined
  /** XEP-0045 §10.1.1: a new room lets nobody in until its owner has configured it. */
  isLocked = false
  /** When all messages so far are due; see `takeTurn`. */
  messageDue = 0
  listener: RoomListener | undefined
  readonly #occupants = new Map<string, Occupant>()
  readonly #seats = new Map<string, Seat>()
  /** Clients by account, for those accounts that have any here. */
  readonly #clientsByAccount = new Map<string, number>()
  #lastSeatKey = 0

  constructor(parts: RoomParts) {
    this.jid = parts.jid
    this.creator = parts.creator
    this.createdAt = parts.createdAt
    this.history = new History(parts.jid, parts.historyBytes)
    this.config = parts.config ?? new RoomConfig()
    this.subject = parts.subject
    this.extras = new Map(parts.extras)
    this.occupantsByNick = this.#occupants
    this.seats = this.#seats
  }

  get local(): string {
    return this.jid.local
  }

  /** What people call it. */
  get title(): string {
    return this.config.get(name) || this.jid.local
  }

  get isEmpty(): boolean {
    return this.#seats.size === 0
  }

  get isPersistent(): boolean {
    return this.config.get(persistent)
  }

  get isPublic(): boolean {
    return this.config.get(publicRoom)
  }

  get isMembersOnly(): boolean {
    return this.config.get(membersOnly)
  }

  get isModerated(): boolean {
    return this.config.get(moderated)
  }

  get isNonAnonymous(): boolean {
    return this.config.get(whois) === 'anyone'
  }

  get isPasswordProtected(): boolean {
    return this.config.get(passwordProtected)
  }

  affiliationOf(jid: Jid): Affiliation {
    return this.affiliations.of(jid)
  }

  /** Whether somebody may enter as far as the lists say (XEP-0045 §5.2). */
  admits(affiliation: Affiliation): boolean {
    return this.isMembersOnly ? isAtLeast(affiliation, 'member') : affiliation !== 'outcast'
  }

  initialRole(affiliation: Affiliation): Role {
    return initialRole(affiliation, this.isModerated)
  }

  /** The role of an account that enters: what a moderator gave it the last time, or what its affiliation gives. */
  roleOnEntry(account: Jid, affiliation: Affiliation): Role {
    const initial = this.initialRole(affiliation)
    if (!this.isModerated || initial === 'moderator') return initial
    return this.voices.of(account.bare.toString()) ?? initial
  }

  /** The role of an address: that of its seat, or what its affiliation would give it. */
  roleOf(jid: Jid): Role {
    const seat = this.seatOf(jid)
    if (seat) return seat.occupant.role
    const affiliation = this.affiliationOf(jid)
    return isAtLeast(affiliation, 'member') ? this.initialRole(affiliation) : 'none'
  }

  /** Whether those with `role` see real addresses (XEP-0045 §4.2). */
  showsJidsTo(role: Role): boolean {
    return role === 'moderator' || this.isNonAnonymous
  }

  /** Whether presence of those with `role` is shown to others. */
  showsPresenceOf(role: Role): boolean {
    return role !== 'none' && this.config.get(presenceBroadcast).includes(role)
  }

  seatOf(jid: Jid): Seat | undefined {
    return this.#seats.get(jid.toString())
  }

  /** The key of the seat that was made last; keys count up. */
  get lastSeatKey(): number {
    return this.#lastSeatKey
  }

  /** How many clients of an account are here. */
  clientsOf(bare: Jid): number {
    return this.#clientsByAccount.get(bare.toString()) ?? 0
  }

  occupant(nick: string): Occupant | undefined {
    return this.#occupants.get(nick)
  }

  /** Whether a nick is somebody else's: taken by another account, or reserved for one (XEP-0045 §7.2.8). */
  isNickOfOther(nick: string, bare: Jid): boolean {
    const occupant = this.#occupants.get(nick)
    return (occupant && !occupant.bare.equals(bare)) || this.isNickReservedForOther(nick, bare)
  }

  /** Whether a nick is reserved for another account (XEP-0045 §7.10). */
  isNickReservedForOther(nick: string, bare: Jid): boolean {
    const reserved = this.affiliations.reservedFor(nick)
    return reserved !== undefined && reserved !== bare.toString()
  }

  /** Gives a client a seat under a nick, beside other clients of the same account. */
  seat(jid: Jid, nick: Jid, role: Role, content: PresenceContent): Seat {
    let occupant = this.#occupants.get(nick.resource)
    if (!occupant) {
      occupant = new Occupant(jid.bare, nick, role)
      this.#occupants.set(nick.resource, occupant)
    }
    this.#lastSeatKey += 1
    const seat = new Seat(jid, occupant, this.#lastSeatKey)
    occupant.update(seat, content)
    this.#seats.set(jid.toString(), seat)
    this.#clientsByAccount.set(jid.bare.toString(), this.clientsOf(jid.bare) + 1)
    return seat
  }

  /** Takes a seat away, and with the last one the occupant. */
  unseat(seat: Seat): void {
    const { occupant } = seat
    if (!this.#seats.delete(seat.jid.toString())) return
    const left = this.clientsOf(seat.jid.bare) - 1
    if (left > 0) this.#clientsByAccount.set(seat.jid.bare.toString(), left)
    else this.#clientsByAccount.delete(seat.jid.bare.toString())
    occupant.seats.delete(seat.jid.toString())
    occupant.changed()
    if (occupant.seats.size === 0) this.#occupants.delete(occupant.nick)
    this.listener?.left(this, seat)
  }

  /** Gives an occupant another nick; its place among the occupants is then the last. */
  rename(occupant: Occupant, nick: Jid): void {
    this.#occupants.delete(occupant.nick)
    occupant.jid = nick
    this.#occupants.set(nick.resource, occupant)
  }
}
