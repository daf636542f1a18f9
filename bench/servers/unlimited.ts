// Balcony's limits, off: they are not what is compared.
import type { ServerConfig } from '../../src/server/server-config.ts'

const unlimited = { perSecond: 0, burst: Number.MAX_SAFE_INTEGER }

/** Streams as many, as fast and as open as a scenario wants. */
export const unlimitedStreams = {
  streamLimits: {
    bytes: unlimited,
    stanzas: unlimited,
    connections: 0,
    connectionsPerAddress: 0,
    connectionsBeforeLogin: 0,
  },
  policy: { requiresTls: false, allowsPlainWithoutTls: true },
} satisfies Partial<ServerConfig>

/** Options of `muc`: whoever is in a room may do as much there as they like. */
export const unhurriedRooms = {
  joinsPerSecond: 0,
  presencesPerSecond: 0,
  messagesPerSecond: 0,
  roomMessagesPerSecond: 0,
}
