// XEP-0050: the command that makes a room.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { parseJid } from '../../jid/jid.ts'
import { form, type SubmittedForm } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Command, Completed, FormStage } from '../commands/commands.ts'
import type { RoomAdministration } from '../muc/muc.ts'
import { roomAddress } from './room-address.ts'

/** Makes a room that lasts, for an owner who need not be there. */
export function createRoom(host: ScopedHost, administration: RoomAdministration): Command {
  const submit = async ({ values, ...rest }: SubmittedForm): Promise<Completed> => {
    const room = roomAddress(host, values.get('room')?.[0] ?? '')
    const owner = parseJid(values.get('owner')?.[0] ?? '')?.bare
    if (!owner?.local) throw new StanzaError('not-acceptable', 'the owner has no such address')
    const settings = new Map(values)
    for (const own of ['room', 'owner']) settings.delete(own)
    await administration.create(room.local, owner, { ...rest, values: settings })
    return { note: { type: 'info', text: `The following room was created:\n${room}` } }
  }
  return {
    node: 'create-room',
    name: 'Create a room',
    isAllowed: (from) => host.isAdmin(from),
    start: (from): FormStage => ({
      form: form({
        type: 'form',
        title: 'Create a room',
        fields: [
          { var: 'room', type: 'text-single', label: 'Address of the room', isRequired: true },
          {
            var: 'owner',
            type: 'jid-single',
            label: 'Owner of the room',
            values: [from.bare.toString()],
            isRequired: true,
          },
          ...administration.fields,
        ],
      }),
      submit,
    }),
  }
}
