// XEP-0050: the command that destroys rooms.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Field, form, type SubmittedForm } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Command, Completed, FormStage } from '../commands/commands.ts'
import type { RoomAdministration } from '../muc/muc.ts'
import { roomAddress } from './room-address.ts'

/** How many rooms are offered, and taken. */
export interface DestroyLimits {
  readonly page: number
  readonly destroyed: number
}

/** Destroys the rooms that are named, or none if one of them is not there. */
export function destroyRooms(
  host: ScopedHost,
  administration: RoomAdministration,
  { page, destroyed }: DestroyLimits,
): Command {
  const submit = async ({ values }: SubmittedForm): Promise<Completed> => {
    const given = values.get('rooms') ?? []
    if (given.length === 0) throw new StanzaError('not-acceptable', 'no room is named')
    if (given.length > destroyed) {
      throw new StanzaError('policy-violation', `at most ${destroyed} rooms at a time`)
    }
    const rooms = given.map((text) => roomAddress(host, text))
    for (const { local } of rooms) await checkThere(administration, local)
    const reason = values.get('reason')?.[0] || undefined
    for (const { local } of rooms) await administration.destroy(local, { reason })
    return { note: { type: 'info', text: `The following rooms were destroyed:\n${rooms.join('\n')}` } }
  }
  return {
    // Clients and scripts know the command by this name, and its field as `rooms`.
    node: 'http://prosody.im/protocol/muc#destroy',
    name: 'Destroy rooms',
    isAllowed: (from) => host.isAdmin(from),
    start: async (): Promise<FormStage> => {
      const locals = await administration.list({ limit: page + 1 })
      const addresses = locals.map((local) => `${local}@${host.domain}`)
      return {
        form: form({
          type: 'form',
          title: 'Destroy rooms',
          fields: [
            roomsField(addresses, page),
            { var: 'reason', type: 'text-single', label: 'Reason, which the occupants are told' },
          ],
        }),
        submit,
      }
    },
  }
}

// Of many rooms, the addresses are for the admin to write.
function roomsField(addresses: readonly string[], most: number): Field {
  const field = { var: 'rooms', label: 'Rooms to destroy', isRequired: true }
  if (addresses.length > most) return { ...field, type: 'jid-multi' }
  return { ...field, type: 'list-multi', options: addresses.map((value) => ({ value })) }
}

async function checkThere(administration: RoomAdministration, local: string): Promise<void> {
  await administration.visit(local, (room) => {
    if (!room) throw new StanzaError('item-not-found', `there is no room ${local}`)
  })
}
