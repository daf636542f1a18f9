// What the streams of a server have in common, put together.
import { type Clock, systemClock } from '../base/clock.ts'
import { type Ids, SystemIds } from '../base/ids.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { StreamSettings } from './accepted-stream.ts'
import { bind, session } from './features/bind.ts'
import { channelBindings } from './features/channel-bindings.ts'
import { sasl } from './features/sasl.ts'
import { sasl2 } from './features/sasl2.ts'
import { startTls } from './features/tls.ts'
import { defaultStreamLimits, defaultStreamPolicy, type StreamLimits, type StreamPolicy } from './limits.ts'
import { Negotiation } from './negotiation.ts'
import { Authenticator } from './sasl/authenticator.ts'
import { KnownHashes } from './sasl/known-hashes.ts'
import { coreMechanisms } from './sasl/mechanisms.ts'
import type { StreamDomain } from './stream.ts'

/** What `streamSettings` is made of; what is left out has its default. */
export interface StreamSettingsInput {
  /** The domain with accounts that is served here under the prepared name, if there is one. */
  domainOf(to: string): StreamDomain | undefined
  readonly limits?: Partial<StreamLimits>
  readonly policy?: Partial<StreamPolicy>
  readonly clock?: Clock
  readonly log?: Log
  readonly ids?: Ids
}

/** Puts together what the streams of a server have in common, with the core's features in the order of XEP-0170. */
export function streamSettings(input: StreamSettingsInput): StreamSettings {
  const limits = { ...defaultStreamLimits, ...input.limits }
  const policy = { ...defaultStreamPolicy, ...input.policy }
  const clock = input.clock ?? systemClock
  const ids = input.ids ?? new SystemIds()
  const known = new KnownHashes()
  const authenticator = new Authenticator({ mechanisms: coreMechanisms(policy, known), limits, ids, clock })
  const features = [
    startTls(policy),
    sasl2({ authenticator, known, ids }),
    channelBindings,
    sasl(authenticator, known),
    bind(limits.bindRetries),
    session,
  ]
  return {
    domainOf: (to) => input.domainOf(to),
    negotiation: new Negotiation(features, policy),
    limits,
    clock,
    log: input.log ?? silentLog,
    ids,
  }
}
