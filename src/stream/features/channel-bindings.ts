// XEP-0440: clients are told what they can bind a log-in to.
import { bindingsElement } from '../sasl/channel-binding.ts'
import type { StreamFeature } from '../stream.ts'

/** The feature `sasl-channel-binding`; there is nothing to negotiate. */
export const channelBindings: StreamFeature = {
  name: 'channel bindings',
  forbids: ['authenticated'],
  advertise: bindingsElement,
  accepts: () => false,
  receive() {},
}
