// The servers that can be measured, in the order of the table's columns.
import { balcony } from './balcony.ts'
import { prosody } from './prosody.ts'
import { relay } from './relay.ts'
import type { ServerKind } from './server.ts'

/** Every kind of server there is. */
export const serverKinds: readonly ServerKind[] = [balcony, prosody, relay]
