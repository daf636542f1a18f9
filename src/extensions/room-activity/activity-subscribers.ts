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

/** All clients that are told, by themselves, by account and by room. */
export class ActivitySubscribers {
  readonly #subscriberByJid = new Map<string, Subscriber>()
  readonly #subscribersByAccount = new Map<string, Set<Subscriber>>()
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
  ofAccount(account: Jid): Iterable<Subscriber> {
    return this.#subscribersByAccount.get(account.toString()) ?? []
  }

  /** Begins anew with a client. */
  add(jid: Jid): Subscriber {
    this.remove(jid)
    const subscriber = { jid, rooms: new Set<string>(), told: new Set<string>() }
    this.#subscriberByJid.set(jid.toString(), subscriber)
    addTo(this.#subscribersByAccount, jid.bare.toString(), subscriber)
    return subscriber
  }

  /** Forgets a client; answers whether it was known. */
  remove(jid: Jid): boolean {
    const subscriber = this.get(jid)
    if (!subscriber) return false
    for (const room of [...subscriber.rooms]) this.leave(subscriber, room)
    removeFrom(this.#subscribersByAccount, jid.bare.toString(), subscriber)
    return this.#subscriberByJid.delete(jid.toString())
  }

  /** A client is to hear of a room. */
  join(subscriber: Subscriber, room: string): void {
    if (this.get(subscriber.jid) !== subscriber) return
    subscriber.rooms.add(room)
    addTo(this.#subscribersByRoom, room, subscriber)
  }

  /** A client is to hear of a room no longer. */
  leave(subscriber: Subscriber, room: string): void {
    subscriber.rooms.delete(room)
    removeFrom(this.#subscribersByRoom, room, subscriber)
  }
}

function addTo(sets: Map<string, Set<Subscriber>>, key: string, subscriber: Subscriber): void {
  const set = sets.get(key)
  if (set) set.add(subscriber)
  else sets.set(key, new Set([subscriber]))
}

function removeFrom(sets: Map<string, Set<Subscriber>>, key: string, subscriber: Subscriber): void {
  const set = sets.get(key)
  set?.delete(subscriber)
  if (set?.size === 0) sets.delete(key)
}
