// XEP-0421 §4.1: ids that tell an account from others in one room, made with a secret of the room.
import { createHmac } from 'node:crypto'
import type { Ids } from '../../base/ids.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Element } from '../../xml/element.ts'
import type { Room } from '../muc/muc.ts'
import { occupantIdElement } from './occupant-id-elements.ts'

const extra = 'occupant-id'
const secretBytes = 32

/** What is known of a room. */
interface RoomIds {
  readonly secret: Buffer
  /** By bare address, for as long as somebody else holds on to it. */
  readonly elementByAccount: WeakMap<Jid, Element>
}

/** Makes occupant ids; the secret goes with the room's `extras`. */
export class OccupantIds {
  readonly #ids: Ids
  readonly #onNewSecret: (room: Room) => void
  readonly #byRoom = new WeakMap<Room, RoomIds>()

  /** `onNewSecret` hears of rooms that are kept and have a secret that is not. */
  constructor(ids: Ids, onNewSecret: (room: Room) => void) {
    this.#ids = ids
    this.#onNewSecret = onNewSecret
  }

  /** The id of an account in a room: 43 characters. */
  of(room: Room, account: Jid): string {
    return createHmac('sha256', this.#of(room).secret).update(account.bare.toString()).digest('base64url')
  }

  /** The same as an element. */
  element(room: Room, account: Jid): Element {
    const { elementByAccount } = this.#of(room)
    const known = elementByAccount.get(account)
    if (known) return known
    const made = occupantIdElement(this.of(room, account))
    elementByAccount.set(account, made)
    return made
  }

  #of(room: Room): RoomIds {
    const known = this.#byRoom.get(room)
    if (known) return known
    const made = { secret: this.#secretOf(room), elementByAccount: new WeakMap<Jid, Element>() }
    this.#byRoom.set(room, made)
    return made
  }

  #secretOf(room: Room): Buffer {
    const kept = room.extras.get(extra)
    if (typeof kept === 'string') return Buffer.from(kept, 'base64')
    const secret = this.#ids.bytes(secretBytes)
    room.extras.set(extra, secret.toString('base64'))
    if (room.isPersistent && !room.isLocked) this.#onNewSecret(room)
    return secret
  }
}
