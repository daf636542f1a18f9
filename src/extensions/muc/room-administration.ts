// What those who run a service of rooms do with its rooms, whoever owns them.
import { Jid } from '../../jid/jid.ts'
import type { Field, SubmittedForm } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Conference } from './conference.ts'
import { readConfigChange, settingField } from './config-form.ts'
import { type Destruction, destroyRoom } from './destroy.ts'
import type { Room } from './room.ts'
import { persistent } from './settings/persistent.ts'

/** Which rooms: at most `limit`, those whose localpart comes after `after`. */
export interface RoomRange {
  readonly after?: string
  readonly limit: number
}

/** Makes, finds and ends rooms without being their owner. */
export class RoomAdministration {
  readonly #conference: Conference

  constructor(conference: Conference) {
    this.#conference = conference
  }

  /** Localparts of the rooms there are, hidden or not, in order. */
  list({ after = '', limit }: RoomRange): Promise<string[]> {
    return this.#conference.rooms.list(after, limit)
  }

  /** Runs `action` with a room, in memory or kept, while nothing else happens in it; `undefined`: there is none. */
  async visit(local: string, action: (room: Room | undefined) => void | Promise<void>): Promise<void> {
    const { rooms, inTurn } = this.#conference
    await inTurn.run(local, async () => {
      const jid = Jid.of(local, this.#conference.host.domain.domain)
      const room = jid && (rooms.find(local) ?? (await rooms.load(jid)))
      try {
        await action(room)
      } finally {
        if (room) rooms.settle(room)
      }
    })
  }

  /** Whether there was such a room. Resolves when it is gone and would not come back. */
  async destroy(local: string, destruction: Destruction = {}): Promise<boolean> {
    let isFound = false
    await this.visit(local, (room) => {
      isFound = room !== undefined
      if (room) return destroyRoom(this.#conference, room, destruction)
    })
    return isFound
  }

  /** Fields for the settings of a room that is to be made and to last. */
  get fields(): Field[] {
    const { settings, rooms } = this.#conference
    const config = rooms.standardConfig()
    return settings.all
      .filter((setting) => setting !== persistent)
      .map((setting) => settingField(setting, config))
  }

  /**
   * Makes a room that lasts. Resolves when it is kept.
   * @throws StanzaError conflict if there is one, and what its settings refuse
   */
  create(local: string, owner: Jid, submitted: SubmittedForm): Promise<void> {
    return this.visit(local, async (present) => {
      if (present) throw new StanzaError('conflict', 'there is such a room already')
      const { rooms } = this.#conference
      const room = rooms.create(local, owner.bare)
      try {
        room.config = readConfigChange(this.#conference, room, submitted).config
        room.config.set(persistent, true)
        room.isLocked = false
        await rooms.save(room)
      } catch (error) {
        await rooms.remove(room)
        throw error
      }
      rooms.settle(room)
    })
  }
}
