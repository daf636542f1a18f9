// RFC 6120 §8.3: what is thrown while a stanza is dealt with, as an error for a peer.
import type { Log } from '../base/log.ts'
import type { Stanza } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { StorageError } from '../storage/storage-error.ts'

// Storage that is short of something, and may not be later.
const busyConditions: ReadonlySet<string> = new Set(['full', 'overloaded'])

/** The error that a peer is told; what is no refusal is a bug, and logged. */
export function stanzaErrorOf(error: unknown, stanza: Stanza, log: Log): StanzaError {
  if (error instanceof StanzaError) return error
  if (error instanceof StorageError && busyConditions.has(error.condition)) {
    return new StanzaError('resource-constraint', 'the server cannot keep this at present', {
      cause: error,
    })
  }
  log.error('handler failed', {
    error,
    stanza: stanza.kind,
    type: stanza.type,
    from: stanza.from.toString(),
  })
  return new StanzaError('internal-server-error')
}
