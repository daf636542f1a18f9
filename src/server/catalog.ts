// The extensions that come with Balcony, by where they are loaded.
import { disco } from '../extensions/disco/disco.ts'
import { muc } from '../extensions/muc/muc.ts'
import { ping } from '../extensions/ping/ping.ts'
import { standard } from '../extensions/standard/standard.ts'
import type { Catalog } from './read-config.ts'

/** What a configuration can name. */
export const catalog: Catalog = {
  usual: standard,
  rooms: [disco, muc, ping],
  optional: [],
}
