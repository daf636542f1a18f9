// XEP-0437 §4: who is told what, and when.
import { AttemptLimit } from '../../base/attempt-limit.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { Jid } from '../../jid/jid.ts'
import { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { element } from '../../xml/element.ts'
import { type AffiliationChange, isAtLeast, type Muc, type Room } from '../muc/muc.ts'
import { ActivitySubscribers, type Subscriber } from './activity-subscribers.ts'
import { LastActivity } from './last-activity.ts'
import { Memberships } from './memberships.ts'

export const namespace = 'urn:xmpp:rai:0'

/** How much of it there may be. */
export interface ActivityLimits {
  /** Rooms of one account. */
  readonly rooms: number
  /** Clients that are told at a time. */
  readonly subscribers: number
  /** Times that one account may ask in a minute. */
  readonly perMinute: number
}

/** Tells clients that something was said in rooms that they belong to and are not in. */
export class ActivityIndicators {
  readonly activity: LastActivity
  readonly #host: ScopedHost
  readonly #muc: Muc
  readonly #limits: ActivityLimits
  readonly #attempts: AttemptLimit
  readonly #subscribers = new ActivitySubscribers()
  readonly #memberships: Memberships

  constructor(host: ScopedHost, muc: Muc, limits: ActivityLimits) {
    this.#host = host
    this.#muc = muc
    this.#limits = limits
    this.#attempts = new AttemptLimit({ attempts: limits.perMinute, windowMs: 60_000 }, host.clock)
    this.#memberships = new Memberships(host.store.collection('room-memberships'), limits.rooms)
    this.activity = new LastActivity(host)
  }

  /**
   * A client wants to be told from now on, and at once of where something was said since it was there.
   * @throws StanzaError resource-constraint if that is too often, or too many are told
   */
  async subscribe(client: Jid): Promise<void> {
    const subscribers = this.#subscribers
    if (!this.#attempts.take(client.bare.toString())) throw tooMuch('not that often')
    if (!subscribers.get(client) && subscribers.size >= this.#limits.subscribers) {
      throw tooMuch('too many are told')
    }
    const subscriber = subscribers.add(client)
    const active: string[] = []
    for (const [room, since] of await this.#memberships.of(client.bare)) {
      subscribers.join(subscriber, room)
      if (this.#muc.find(room)?.seatOf(client)) continue
      if ((await this.#isActive(client, room, since)) && !subscriber.told.has(room)) active.push(room)
    }
    if (subscribers.get(client) !== subscriber || active.length === 0) return
    for (const room of active) subscriber.told.add(room)
    await this.#tell(client, active)
  }

  /** A client goes; answers whether it was told of anything. */
  unsubscribe(client: Jid): boolean {
    return this.#subscribers.remove(client)
  }

  /** Something was said in a room, `when` in milliseconds since 1970. */
  said(room: Room, when: number): void {
    this.activity.note(room.local, when)
    for (const subscriber of this.#subscribers.of(room.local)) {
      if (!isToBeTold(subscriber, room)) continue
      subscriber.told.add(room.local)
      this.#tell(subscriber.jid, [room.local])
    }
  }

  /** A client is in a room now. Resolves when that is kept. */
  async entered(room: Room, client: Jid): Promise<void> {
    const subscriber = this.#subscribers.get(client)
    subscriber?.told.delete(room.local)
    if (!isMember(room, client)) return
    if (subscriber) this.#subscribers.join(subscriber, room.local)
    // When it leaves, the time is noted; many who enter at once are not many writes.
    await this.#memberships.noteOnce(client.bare, room.local, this.#host.clock.now())
  }

  /** A client was in a room until now. Resolves when that is kept. */
  async left(room: Room, client: Jid): Promise<void> {
    if (isMember(room, client)) await this.#memberships.note(client.bare, room.local, this.#host.clock.now())
  }

  /** Somebody belongs to a room, or no longer. Resolves when that is kept. */
  async changed({ room, address, before, now }: AffiliationChange): Promise<void> {
    const belongs = isAtLeast(now, 'member')
    if (address.local === '' || belongs === isAtLeast(before, 'member')) return
    for (const subscriber of this.#subscribers.ofAccount(address)) {
      if (belongs) this.#subscribers.join(subscriber, room.local)
      else this.#subscribers.leave(subscriber, room.local)
    }
    if (belongs) await this.#memberships.note(address, room.local, this.#host.clock.now())
    else await this.#memberships.forget(address, room.local)
  }

  /** Whether something was said in a room since then, and the account still belongs there. */
  async #isActive(account: Jid, room: string, since: number): Promise<boolean> {
    if (((await this.activity.of(room)) ?? 0) <= since) return false
    let belongs = false
    await this.#muc.administration.visit(room, (found) => {
      belongs = found !== undefined && mayHear(found, account)
    })
    return belongs
  }

  #tell(to: Jid, rooms: readonly string[]): void | Promise<void> {
    const { domain } = this.#host
    const addresses = rooms.map((room) => Jid.of(room, domain.domain)?.toString() ?? '')
    const active = addresses.map((address) => element('activity', namespace, {}, address))
    const rai = element('rai', namespace, {}, ...active)
    return this.#host.route(new Message('normal', { from: domain, to, children: [rai] }))
  }
}

function isMember(room: Room, jid: Jid): boolean {
  return isAtLeast(room.affiliationOf(jid), 'member')
}

// §4: nobody hears of a room that one may not enter.
function mayHear(room: Room, jid: Jid): boolean {
  return !room.isLocked && isMember(room, jid) && room.admits(room.affiliationOf(jid))
}

function isToBeTold({ jid, told }: Subscriber, room: Room): boolean {
  return !told.has(room.local) && !room.seatOf(jid) && mayHear(room, jid)
}

function tooMuch(text: string): StanzaError {
  return new StanzaError('resource-constraint', text, { type: 'wait' })
}
