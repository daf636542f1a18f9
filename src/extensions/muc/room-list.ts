// XEP-0045 §6.3: the rooms that a service lists, a page at a time.
import { Jid } from '../../jid/jid.ts'
import type { Page, PageRequest } from '../../stanza/paging.ts'
import type { DiscoItem } from '../disco/disco.ts'
import type { Conference } from './conference.ts'

/** A page of the public rooms, by name of their address. */
export async function listPublicRooms(
  { publicRooms, host }: Conference,
  request: PageRequest,
): Promise<Page<DiscoItem>> {
  const page = await publicRooms.page(request)
  const items: DiscoItem[] = []
  for (const [local, { title }] of page.items) {
    const jid = Jid.of(local, host.domain.domain)
    if (jid) items.push({ jid, name: title })
  }
  return { ...page, items }
}
