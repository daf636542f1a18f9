// XEP-0317: Hats
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { AnswerThen } from '../../host/iq.ts'
import { CommandRunner, commandsNamespace } from '../commands/commands.ts'
import { muc, type Room } from '../muc/muc.ts'
import { hatCommands } from './hat-commands.ts'
import { hatsElement, hatsNamespace, withoutHats } from './hat-elements.ts'
import { RoomHats } from './room-hats.ts'

/** What a room has to do with hats. */
interface HatRack {
  readonly hats: RoomHats
  readonly runner: CommandRunner
  /** Whether something has changed that occupants have not been told of. */
  isChanged: boolean
}

/** Lets admins of a room give occupants roles of their own making, which everybody sees. */
export const hats = defineExtension({
  name: 'hats',
  xep: { number: 317, version: '0.3.1' },
  needs: { muc },
  options: {
    hats: integer(50, 'hats in one room', { min: 1 }),
    wearers: integer(500, 'people with hats in one room', { min: 1 }),
    hatsPerWearer: integer(10, 'hats of one of them', { min: 1 }),
    titleLength: integer(100, 'characters of the title of a hat', { min: 1 }),
    uriLength: integer(512, 'characters of the URI of a hat', { min: 1 }),
    maxSessions: integer(20, 'commands that are being filled in at a time in one room', { min: 1 }),
    sessionMinutes: integer(30, 'minutes that filling in may take', { min: 1 }),
  },
  setup(host, { muc }, options) {
    const rackByRoom = new WeakMap<Room, HatRack>()
    const rackOf = (room: Room): HatRack => {
      const known = rackByRoom.get(room)
      if (known) return known
      const hats = new RoomHats(room, options)
      const keep = (): Promise<void> => {
        rack.isChanged = true
        return muc.keep(room)
      }
      const commands = hatCommands({ room, hats, keep, showAgain: (account) => muc.showAgain(room, account) })
      const rack: HatRack = { hats, runner: new CommandRunner(host, commands, options), isChanged: false }
      rackByRoom.set(room, rack)
      return rack
    }
    host.keep(muc.advertise(() => hatsNamespace))
    host.keep(
      muc.describe((room) => {
        const hash = rackOf(room).hats.hash
        return hash === undefined ? undefined : { var: 'hats#hash', type: 'text-single', values: [hash] }
      }),
    )
    host.keep(
      muc.mark({
        scope: 'presence',
        make: (room, account) => hatsElement(rackOf(room).hats.of(account)),
        clean: withoutHats,
      }),
    )
    host.keep(
      muc.iq.set(commandsNamespace, 'command', async (iq, room) => {
        const rack = rackOf(room)
        const answer = await rack.runner.run(iq)
        return new AnswerThen(answer, () => {
          if (rack.isChanged) muc.tellChanged(room)
          rack.isChanged = false
        })
      }),
    )
  },
})
