// XEP-0433: Extended Channel Search
import { AttemptLimit } from '../../base/attempt-limit.ts'
import { flag, integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { formIn } from '../../stanza/form.ts'
import { pageOf, parsePageRequest } from '../../stanza/paging.ts'
import { type ListedRoom, type Muc, muc } from '../muc/muc.ts'
import { resultElement, searchElement, searchNamespace } from './channel-elements.ts'
import { keyOf } from './channel-order.ts'
import { type Channel, matches } from './matches.ts'
import { rateLimited } from './search-error.ts'
import { parseSearch, type Search } from './search-form.ts'

/** Lets everybody search the public rooms of a service. */
export const channelSearch = defineExtension({
  name: 'channel-search',
  xep: { number: 433, version: '0.1.0' },
  needs: { muc },
  options: {
    page: integer(50, 'rooms on one page of results', { min: 1 }),
    perMinute: integer(60, 'searches of one account in a minute; 0 for no limit'),
    canListAll: flag(true, 'all public rooms may be asked for at once'),
  },
  setup(host, { muc }, { page, perMinute, canListAll }) {
    const limit = new AttemptLimit({ attempts: perMinute, windowMs: 60_000 }, host.clock)
    host.advertise(searchNamespace)
    host.iq.get(searchNamespace, 'search', async (iq) => {
      const submitted = formIn(iq.payload)
      if (!submitted) return searchElement()
      const search = parseSearch(submitted, canListAll)
      if (!limit.take(iq.from.bare.toString())) throw rateLimited(60)
      const channelByKey = await find(muc, search)
      const keys = [...channelByKey.keys()].sort()
      const found = pageOf(keys, parsePageRequest(iq.payload), page)
      return resultElement(host.domain, found, (key) => channelByKey.get(key))
    })
  },
})

/** Rooms that are looked at in one go. */
const roomsAtATime = 500

/** The rooms that fit, by the text that they are sorted by. */
async function find(muc: Muc, search: Search): Promise<Map<string, Channel>> {
  const channelByKey = new Map<string, Channel>()
  let rooms: readonly ListedRoom[] = []
  do {
    rooms = await muc.listed(rooms.at(-1)?.[0] ?? '', roomsAtATime)
    for (const [local, room] of rooms) {
      const channel: Channel = { ...room, local, users: muc.find(local)?.occupantsByNick.size ?? 0 }
      if (matches(channel, search)) channelByKey.set(keyOf(channel, search.order), channel)
    }
  } while (rooms.length === roomsAtATime)
  return channelByKey
}
