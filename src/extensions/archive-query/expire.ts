// XEP-0313 §3.2: messages that have reached an age are removed.
import { repeat } from '../../base/repeat.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Archive } from '../../storage/storage.ts'

const dayMs = 86_400_000
/** How long after it has reached the age a message may still be there. */
const sweepMs = 3_600_000
/** Owners whose names are held at a time. */
const ownersAtATime = 100
/** Removed in one go, so that no other write waits for long. */
const messagesAtATime = 500

/** Whose archives are swept. */
export interface Swept {
  readonly messages: Archive<string>
  /** Those who may have an archive, in order: the first `limit` after `after`. */
  list(range: { readonly after: string; readonly limit: number }): Promise<readonly string[]>
}

/** Goes through all archives every hour, one after the other, and removes what is older than `days`. */
export function expire(host: ScopedHost, swept: Swept, days: number): void {
  const failed = (error: unknown) => host.log.warn('old messages not removed', { error })
  const oldest = () => host.clock.now() - days * dayMs
  host.keep(repeat(host.clock, sweepMs, (signal) => sweep(swept, oldest, signal), failed))
}

async function sweep(swept: Swept, oldest: () => number, signal: AbortSignal): Promise<void> {
  let after = ''
  while (!signal.aborted) {
    const owners = await swept.list({ after, limit: ownersAtATime })
    for (const owner of owners) await removeOld(swept.messages, owner, oldest(), signal)
    const last = owners.at(-1)
    if (last === undefined) return
    after = last
  }
}

async function removeOld(
  messages: Archive<string>,
  owner: string,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  let count = messagesAtATime
  while (count === messagesAtATime && !signal.aborted) {
    count = await messages.remove(owner, { before, most: messagesAtATime })
  }
}
