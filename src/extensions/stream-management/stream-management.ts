// XEP-0198: Stream Management
import { integer, optionalText } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ClientSession } from '../../session/client.ts'
import { redeliver } from './redeliver.ts'
import { type Acknowledgement, StreamManager } from './stream-manager.ts'

export type { Acknowledgement } from './stream-manager.ts'

/** What other extensions get of this one. */
export interface StreamManagementApi {
  /** Whether a session acknowledges what it is sent; what others are sent counts as received. */
  manages(session: ClientSession): boolean
  /** Tells `listener` of what clients acknowledge. */
  acknowledged(listener: (acknowledgement: Acknowledgement) => void): Undo
  /** Tells `listener` of each client that has come back, once it has been sent what it had missed. */
  resumed(listener: (session: ClientSession) => void): Undo
}

/** Acknowledges stanzas both ways, and lets clients come back after a lost connection as if it had held. */
export const streamManagement = defineExtension({
  name: 'stream-management',
  xep: { number: 198, version: '1.6.1' },
  options: {
    resumeSeconds: integer(600, 'seconds that a session waits for its client; 0 to let none come back'),
    maxUnacknowledged: integer(2000, 'stanzas that a session may leave unacknowledged before it is ended', {
      min: 10,
    }),
    location: optionalText('where clients should come back to: host:port'),
  },
  setup(host, _apis, options): StreamManagementApi {
    const manager = new StreamManager(host, options)
    host.offer(manager.feature)
    host.outgoing.record(({ stanza, session }) => manager.noteSent(session, stanza))
    host.handled((session) => manager.noteHandled(session))
    host.keepSessions((session) => manager.keeps(session))
    host.received.deliver((delivery) => manager.noteDelivered(delivery))
    host.sessionEnded((session) => {
      const left = manager.forget(session)
      if (left.length > 0) return redeliver(host, session.jid, left)
    })
    return {
      manages: (session) => manager.manages(session),
      acknowledged: (listener) => manager.acknowledged.add(listener),
      resumed: (listener) => manager.resumed.add(listener),
    }
  },
})
