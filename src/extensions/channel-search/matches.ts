// XEP-0433 §4.2: whether a room is what somebody searches for.
import type { PublicRoom } from '../muc/muc.ts'
import type { Search } from './search-form.ts'

/** A room that can be found. */
export interface Channel extends PublicRoom {
  readonly local: string
  /** How many are inside. */
  readonly users: number
}

/** Text in which case, and how characters are put together, make no difference. */
export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** Whether a room has every word of a search in one of the places that are searched. */
export function matches(channel: Channel, { terms, places, minUsers, hasRooms }: Search): boolean {
  if (!hasRooms || shownUsers(channel) < minUsers) return false
  if (terms.length === 0) return true
  const text = folded(
    [
      places.name ? channel.title : '',
      places.description ? (channel.description ?? '') : '',
      places.address ? channel.local : '',
    ].join('\n'),
  )
  return terms.every((term) => text.includes(term))
}

/** XEP-0045 §14.4: how many are in a room that not everybody may enter is nobody's business. */
export function shownUsers({ isOpen, users }: Channel): number {
  return isOpen ? users : 0
}
