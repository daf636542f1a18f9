// XEP-0352: Client State Indication
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { ClientSession } from '../../session/client.ts'
import type { StreamFeature } from '../../stream/stream.ts'
import { StreamError } from '../../stream/stream-error.ts'
import { element } from '../../xml/element.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { ClientStates } from './client-states.ts'

const namespace = 'urn:xmpp:csi:0'

/** What other extensions get of this one. */
export interface ClientStateApi {
  /** Whether nothing says that nobody looks at the client; true of clients that never tell. */
  isActive(session: ClientSession): boolean
  /** Does for a session what its `<inactive/>` would. */
  deactivate(session: ClientSession): void
}

/** Keeps back from clients that nobody looks at what can wait until somebody does. */
export const clientState = defineExtension({
  name: 'client-state',
  xep: { number: 352, version: '1.0.0' },
  uses: { streamManagement },
  options: {
    maxHeld: integer(500, 'stanzas held back from one inactive client before all of them are sent'),
    maxBytes: integer(1_048_576, 'bytes held back from one inactive client before all of it is sent'),
  },
  setup(host, apis, options): ClientStateApi {
    const states = new ClientStates(options)
    host.offer(featureOf(states))
    host.outgoing.hold(
      ({ stanza, session }) => states.holdBack(stanza, session),
      (_, session) => states.isActive(session),
    )
    host.sessionEnded((session) => states.forget(session))
    // §5.2: who comes back begins anew as active.
    if (apis.streamManagement) host.keep(apis.streamManagement.resumed((session) => states.activate(session)))
    host.keep(() => states.activateAll())
    return {
      isActive: (session) => states.isActive(session),
      deactivate: (session) => states.deactivate(session),
    }
  },
})

function featureOf(states: ClientStates): StreamFeature {
  return {
    name: 'client state indication',
    needs: ['authenticated'],
    advertise: () => element('csi', namespace),
    accepts: (nonza) => nonza.namespace === namespace,
    // §5.1: in order with stanzas, so what was held back is written before anything else is read.
    receive({ name }, { peer }) {
      if (name !== 'active' && name !== 'inactive') {
        throw new StreamError('unsupported-stanza-type', `unexpected <${name}>`)
      }
      // Who has no resource yet is sent nothing that could wait.
      if (!(peer instanceof ClientSession)) return
      if (name === 'active') states.activate(peer)
      else states.deactivate(peer)
    },
  }
}
