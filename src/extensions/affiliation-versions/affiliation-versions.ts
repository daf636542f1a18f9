// XEP-0463: MUC Affiliations Versioning
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import {
  type Affiliation,
  type Entry,
  isAtLeast,
  type ListVersions,
  type Muc,
  mayReadList,
  muc,
  type Room,
  type Seat,
} from '../muc/muc.ts'
import { ListLog } from './list-log.ts'

const namespace = 'urn:xmpp:muc:affiliations:1'

/** Lets clients that keep a room's lists ask for what has changed since they were there. */
export const affiliationVersions = defineExtension({
  name: 'affiliation-versions',
  xep: { number: 463, version: '0.2.0' },
  needs: { muc },
  options: {
    changes: integer(100, 'changes that a room remembers; who has missed more gets the whole lists', {
      min: 1,
    }),
    items: integer(500, 'addresses in one message', { min: 1 }),
  },
  setup(host, { muc }, options) {
    host.keep(muc.advertise(() => namespace))
    host.keep(muc.countVersions(new Versions(host, muc, options)))
  },
})

interface VersionLimits {
  readonly changes: number
  readonly items: number
}

/** An address and its affiliation, as they are told. */
interface ListItem {
  readonly jid: string
  readonly affiliation: Affiliation
}

class Versions implements ListVersions {
  readonly #host: ScopedHost
  readonly #muc: Muc
  readonly #limits: VersionLimits
  readonly #keeping = new WeakSet<Seat>()

  constructor(host: ScopedHost, muc: Muc, limits: VersionLimits) {
    this.#host = host
    this.#muc = muc
    this.#limits = limits
  }

  isKeptBy(seat: Seat): boolean {
    return this.#keeping.has(seat)
  }

  next(room: Room, address: Jid, before: Affiliation): Element | undefined {
    const log = this.#logOf(room)
    return log.isCounted ? mav(log.add(address.toString(), before)) : undefined
  }

  enter({ room, presence, x }: Entry, seat: Seat): Element | undefined {
    const asked = x?.child('mav', namespace)
    if (!asked) return undefined
    const log = this.#logOf(room)
    if (!log.isCounted) this.#begin(room, log)
    const since = asked.attribute('since')
    const changes = since === undefined ? undefined : log.since(since)
    if (!mayReadList(room, seat.jid, 'member') || wasElsewhere(room, seat.jid, changes)) {
      this.#refuse(room, seat.jid, presence.id)
      return undefined
    }
    this.#keeping.add(seat)
    if (changes) this.#send(room, seat.jid, this.#changed(room, seat.jid, changes), since)
    else this.#send(room, seat.jid, this.#all(room, seat.jid))
    return mav({ until: log.version })
  }

  #logOf(room: Room): ListLog {
    return new ListLog(room, this.#host.ids, this.#limits.changes)
  }

  // What would not survive a restart is no version to come back with.
  #begin(room: Room, log: ListLog): void {
    if (log.version && room.isPersistent && !room.isLocked) this.#muc.keepLater(room)
  }

  #all(room: Room, reader: Jid): ListItem[] {
    return [...room.affiliations.entries()]
      .filter(([, { affiliation }]) => mayReadList(room, reader, affiliation))
      .map(([jid, { affiliation }]) => ({ jid, affiliation }))
  }

  /** As each address is now: nobody learns what it was in between. */
  #changed(room: Room, reader: Jid, changes: readonly { readonly address: string }[]): ListItem[] {
    return [...new Set(changes.map(({ address }) => address))].map((jid) => {
      const affiliation = room.affiliations.entry(jid)?.affiliation ?? 'none'
      return { jid, affiliation: mayReadList(room, reader, affiliation) ? affiliation : 'none' }
    })
  }

  /** In as many messages as it takes, each with the version that the next one begins with (§5.2.1). */
  #send(room: Room, to: Jid, items: readonly ListItem[], since?: string): void {
    // There is no empty list of changes, but there is one of nobody.
    if (since !== undefined && items.length === 0) return
    const { version } = this.#logOf(room)
    let from = since
    for (let start = 0; start === 0 || start < items.length; start += this.#limits.items) {
      const part = items.slice(start, start + this.#limits.items)
      const until = start + part.length < items.length ? this.#host.ids.id() : version
      const told = part.map(({ jid, affiliation }) => element('item', mucUserNamespace, { jid, affiliation }))
      const x = element('x', mucUserNamespace, {}, mav({ since: from, until }), ...told)
      this.#host.route(new Message('normal', { from: room.jid, to, children: [x] }))
      from = until
    }
  }

  // §5.2.3
  #refuse(room: Room, to: Jid, id: string | undefined): void {
    const error = new StanzaError('forbidden', 'the lists are not for you', { by: room.jid })
    this.#host.route(new Message('error', { from: room.jid, to, id, children: [error.toElement()] }))
  }
}

function mav({ since, until }: { readonly since?: string | undefined; readonly until: string }): Element {
  return element('mav', namespace, { since, until })
}

// §6: of a room for members only, nobody learns of a time at which one was no member.
function wasElsewhere(
  room: Room,
  reader: Jid,
  changes: readonly { readonly address: string; readonly before: Affiliation }[] | undefined,
): boolean {
  const own = changes?.find(({ address }) => address === reader.bare.toString())
  return room.isMembersOnly && own !== undefined && !isAtLeast(own.before, 'member')
}
