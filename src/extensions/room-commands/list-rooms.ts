// XEP-0050: the command that lists rooms.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Field, form, type SubmittedForm } from '../../stanza/form.ts'
import type { Command, Completed, FormStage } from '../commands/commands.ts'
import type { Room, RoomAdministration } from '../muc/muc.ts'

const columns: readonly Field[] = [
  { var: 'room', type: 'jid-single', label: 'Address' },
  { var: 'name', type: 'text-single', label: 'Name' },
  { var: 'occupants', type: 'text-single', label: 'Occupants' },
  { var: 'public', type: 'boolean', label: 'Listed' },
  { var: 'persistent', type: 'boolean', label: 'Stays when it is empty' },
]

/** Lists all rooms, hidden ones too, a page at a time. */
export function listRooms(host: ScopedHost, administration: RoomAdministration, page: number): Command {
  const submit = async ({ values }: SubmittedForm): Promise<Completed> => {
    const after = (values.get('after')?.[0] ?? '').split('@', 1)[0] ?? ''
    const rows: string[][] = []
    for (const local of await administration.list({ after, limit: page })) {
      await administration.visit(local, (room) => {
        if (room) rows.push(rowOf(room))
      })
    }
    const isAll = rows.length < page
    const text = isAll ? 'These are all.' : 'There may be more after the last one.'
    return {
      note: { type: 'info', text },
      result: form({ type: 'result', title: 'Rooms', table: { columns, rows } }),
    }
  }
  return {
    node: 'list-rooms',
    name: 'List rooms',
    isAllowed: (from) => host.isAdmin(from),
    start: (): FormStage => ({
      form: form({
        type: 'form',
        title: 'List rooms',
        fields: [{ var: 'after', type: 'text-single', label: 'Only those behind this address' }],
      }),
      submit,
    }),
  }
}

function rowOf(room: Room): string[] {
  return [
    room.jid.toString(),
    room.title,
    String(room.occupantsByNick.size),
    room.isPublic ? '1' : '0',
    room.isPersistent ? '1' : '0',
  ]
}
