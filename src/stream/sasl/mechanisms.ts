// The mechanisms that come with the core, strongest first (RFC 6120 §6.3.3).
import { scramHashes } from '../credentials.ts'
import type { StreamPolicy } from '../limits.ts'
import { external } from './external.ts'
import type { KnownHashes } from './known-hashes.ts'
import type { Mechanism } from './mechanism.ts'
import { plain } from './plain.ts'
import { scram } from './scram-mechanism.ts'

/** EXTERNAL, SCRAM with and without channel binding, and PLAIN. */
export function coreMechanisms(policy: StreamPolicy, known: KnownHashes): readonly Mechanism[] {
  const family = (isBound: boolean) =>
    scramHashes.map((hash) => scram({ hash, isBound, hasKeys: (stream) => known.of(stream).includes(hash) }))
  return [external, ...family(true), ...family(false), plain(policy)]
}
