// XEP-0045 §3: an occupant, known by a nick, and the clients that sit behind it.
import type { Jid } from '../../jid/jid.ts'
import type { Presence } from '../../stanza/stanza.ts'
import type { Node } from '../../xml/element.ts'
import type { Role } from './affiliation.ts'

/** What a client's presence says, without what only the room may say. */
export interface PresenceContent {
  readonly children: readonly Node[]
  /** `xml:lang`. */
  readonly lang?: string | undefined
}

/** One client in a room. */
export class Seat {
  /** The client's full address. */
  readonly jid: Jid
  readonly occupant: Occupant
  /** Tells this client from others of the room, now and before. */
  readonly key: number
  /** What its last presence said. */
  content: PresenceContent = { children: [] }

  constructor(jid: Jid, occupant: Occupant, key: number) {
    this.jid = jid
    this.occupant = occupant
    this.key = key
  }
}

/** Somebody in a room. Several clients of one account may share a nick (XEP-0045 §7.2.8). */
export class Occupant {
  /** The account's bare address. */
  readonly bare: Jid
  /** By full address; the one that spoke last is the last. Never empty while in the room. */
  readonly seats = new Map<string, Seat>()
  /** When all messages and changes of presence so far are due; see `takeTurn`. */
  messageDue = 0
  presenceDue = 0
  #jid: Jid
  #role: Role
  /** Its presence as others see it, until something of it changes: with the real address, and without. */
  #shown: { full?: Presence; plain?: Presence } = {}

  constructor(bare: Jid, jid: Jid, role: Role) {
    this.bare = bare
    this.#jid = jid
    this.#role = role
  }

  /** The occupant's address: `room@service/nick`. */
  get jid(): Jid {
    return this.#jid
  }

  set jid(jid: Jid) {
    this.#jid = jid
    this.changed()
  }

  get nick(): string {
    return this.#jid.resource
  }

  get role(): Role {
    return this.#role
  }

  set role(role: Role) {
    this.#role = role
    this.changed()
  }

  /** The client whose presence stands for the occupant: the one that spoke last. */
  get primary(): Seat | undefined {
    let last: Seat | undefined
    for (const seat of this.seats.values()) last = seat
    return last
  }

  /** Takes new presence of one of the clients, which then stands for the occupant. */
  update(seat: Seat, content: PresenceContent): void {
    seat.content = content
    this.seats.delete(seat.jid.toString())
    this.seats.set(seat.jid.toString(), seat)
    this.changed()
  }

  /** Forgets the presence made before: role, affiliation, nick or presence is another. */
  changed(): void {
    this.#shown = {}
  }

  /** The presence others see, made once until `changed`. */
  shown(variant: 'full' | 'plain', make: () => Presence): Presence {
    const known = this.#shown[variant]
    if (known) return known
    const made = make()
    this.#shown[variant] = made
    return made
  }
}
