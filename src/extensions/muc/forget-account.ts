// What rooms know of an account ends with it: whoever has the name next is a stranger to them.
import type { Jid } from '../../jid/jid.ts'
import { applyAffiliationEdits } from './affiliation-edit.ts'
import type { Conference } from './conference.ts'
import { forgetRequest, hasAsked } from './registration-requests.ts'
import type { Room } from './room.ts'
import { RoomAdministration } from './room-administration.ts'

/**
 * Takes an account that is being removed off the lists of all rooms, one room after the other, and no longer counts the
 * rooms that it has made. Who is banned stays banned: else one would be let in by removing oneself. A room that has lost its last
 * owner is left to those who run the service.
 */
export async function forgetAccount(conference: Conference, account: Jid): Promise<void> {
  const { rooms } = conference
  const administration = new RoomAdministration(conference)
  const address = account.toString()
  const locals = new Set(await rooms.keptOf(account))
  for (const room of rooms.loaded) if (knows(room, address)) locals.add(room.local)
  for (const local of locals) {
    await administration.visit(local, async (room) => {
      if (room && knows(room, address)) await letGo(conference, room, account)
    })
  }
  await rooms.forgetCreator(account)
}

function knows(room: Room, address: string): boolean {
  const entry = room.affiliations.entry(address)
  return (entry !== undefined && entry.affiliation !== 'outcast') || hasAsked(room, address)
}

function letGo(conference: Conference, room: Room, account: Jid): Promise<void> {
  const address = account.toString()
  forgetRequest(room, address)
  const entry = room.affiliations.entry(address)
  if (entry && entry.affiliation !== 'outcast') {
    const edit = { jid: account, affiliation: 'none', nick: null } as const
    applyAffiliationEdits(conference, room, [edit], undefined, { invites: false })
  }
  return conference.rooms.save(room, [address])
}
