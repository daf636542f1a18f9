// The extensions that come with Balcony, by where they are loaded.
import { affiliationVersions } from '../extensions/affiliation-versions/affiliation-versions.ts'
import { channelSearch } from '../extensions/channel-search/channel-search.ts'
import { commands } from '../extensions/commands/commands.ts'
import { disco } from '../extensions/disco/disco.ts'
import { guests } from '../extensions/guests/guests.ts'
import { hats } from '../extensions/hats/hats.ts'
import { moderation } from '../extensions/moderation/moderation.ts'
import { muc } from '../extensions/muc/muc.ts'
import { occupantId } from '../extensions/occupant-id/occupant-id.ts'
import { ping } from '../extensions/ping/ping.ts'
import { pubsub } from '../extensions/pubsub/pubsub.ts'
import { roomActivity } from '../extensions/room-activity/room-activity.ts'
import { roomArchive } from '../extensions/room-archive/room-archive.ts'
import { roomAvatar } from '../extensions/room-avatar/room-avatar.ts'
import { roomBlocklists } from '../extensions/room-blocklists/room-blocklists.ts'
import { roomCommands } from '../extensions/room-commands/room-commands.ts'
import { roomCorrections } from '../extensions/room-corrections/room-corrections.ts'
import { roomRetraction } from '../extensions/room-retraction/room-retraction.ts'
import { roomStanzaIds } from '../extensions/room-stanza-ids/room-stanza-ids.ts'
import { slowMode } from '../extensions/slow-mode/slow-mode.ts'
import { standard } from '../extensions/standard/standard.ts'
import { upload } from '../extensions/upload/upload.ts'
import { webChat } from '../extensions/web-chat/web-chat.ts'
import type { Catalog } from './read-config.ts'

/** What a configuration can name. */
export const catalog: Catalog = {
  usual: [...standard, webChat],
  services: {
    rooms: [
      disco,
      muc,
      ping,
      commands,
      roomCommands,
      roomBlocklists,
      occupantId,
      slowMode,
      roomStanzaIds,
      roomRetraction,
      roomArchive,
      roomCorrections,
      moderation,
      hats,
      roomAvatar,
      roomActivity,
      affiliationVersions,
      channelSearch,
    ],
    pubsub: [disco, commands, pubsub, ping],
    upload: [disco, upload, ping],
  },
  optional: [guests],
}
