// The servers that can be measured, in the order of the table's columns.
import { balcony } from './balcony.ts'
import { ejabberd } from './ejabberd.ts'
import { durableProsody, prosody, usualProsody } from './prosody.ts'
import { relay } from './relay.ts'
import type { ServerKind } from './server.ts'

/** Those that are measured unless others are named. */
export const usualServerKinds: readonly ServerKind[] = [balcony, prosody, relay]
/** Those whose figures go into docs/made/bench.md. */
export const writtenServerKinds: readonly ServerKind[] = [balcony, prosody, durableProsody, ejabberd, relay]
/** Every kind of server there is. */
export const serverKinds: readonly ServerKind[] = [
  ...usualServerKinds,
  ejabberd,
  durableProsody,
  usualProsody,
]
