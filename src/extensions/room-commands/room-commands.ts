// XEP-0050: commands with which those who run a service of rooms make, list and destroy them
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { commands } from '../commands/commands.ts'
import { muc } from '../muc/muc.ts'
import { createRoom } from './create-room.ts'
import { destroyRooms } from './destroy-rooms.ts'
import { listRooms } from './list-rooms.ts'

/** Lets admins of the service make, list and destroy rooms. */
export const roomCommands = defineExtension({
  name: 'room-commands',
  xep: { number: 50, version: '1.3.0' },
  needs: { commands, muc },
  options: {
    page: integer(100, 'rooms in one list', { min: 1 }),
    destroyed: integer(100, 'rooms that are destroyed by one command', { min: 1 }),
  },
  setup(host, { commands, muc }, options) {
    const { administration } = muc
    host.keep(commands.add(createRoom(host, administration)))
    host.keep(commands.add(destroyRooms(host, administration, options)))
    host.keep(commands.add(listRooms(host, administration, options.page)))
  },
})
