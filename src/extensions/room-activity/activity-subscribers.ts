// XEP-0437 §3: clients that want to be told of activity, and in which rooms.
import type { Jid } from '../../jid/jid.ts'

/** One client that is told. */
export interface Subscriber {
  readonly jid: Jid
  /** Localparts of rooms that its account belongs to. */
  readonly rooms: Set<string>
  /** Localparts of rooms of which it has been told, and that it has not entered since. */
  readonly told: Set<string>
}

/** All clients that are told, by themselves and by room. */
export class ActivitySubscribers {
  readonly #subscriberByJid = new Map<string, Subscriber>()
  readonly #subscribersByRoom = new Map<string, Set<Subscriber>>()

  get size(): number {
    return this.#subscriberByJid.size
  }

  get(jid: Jid): Subscriber | undefined {
    return this.#subscriberByJid.get(jid.toString())
  }

  /** Those that are to hear of a room. */
  of(room: string): Iterable<Subscriber> {
    return this.#subscribersByRoom.get(room) ?? []
  }

  /** The clients of an account, a bare address. */
  ofAccount(account: Jid): Subscriber[] {
    return [...this.#subscriberByJid.values()].filter(({ jid }) => jid.bare.equals(account))
  }

  /** Begins anew with a client. */
  add(jid: Jid): Subscriber {
    this.remove(jid)
    const subscriber = { jid, rooms: new Set<string>(), told: new Set<string>() }
    this.#subscriberByJid.set(jid.toString(), subscriber)
    return subscriber
  }

  /** Forgets a client; answers whether it was known. */
  remove(jid: Jid): boolean {
    const subscriber = this.get(jid)
    if (!subscriber) return false
    for (const room of [...subscriber.rooms]) this.leave(subscriber, room)
    return this.#subscriberByJid.delete(jid.toString())
  }

  /** A client is to hear of a room. */
  join(subscriber: Subscriber, room: string): void {
    if (this.get(subscriber.jid) !== subscriber) return
    subscriber.rooms.add(room)
    const others = this.#subscribersByRoom.get(room)
    if (others) others.add(subscriber)
    else this.#subscribersByRoom.set(room, new Set([subscriber]))
  }

  /** A client is to hear of a room no longer. */
  leave(subscriber: Subscriber, room: string): void {
    subscriber.rooms.delete(room)
    const others = this.#subscribersByRoom.get(room)
    others?.delete(subscriber)
    if (others?.size === 0) this.#subscribersByRoom.delete(room)
  }
}
