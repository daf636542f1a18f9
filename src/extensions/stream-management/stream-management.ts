// XEP-0198: Stream Management
import { integer, optionalText } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ClientSession } from '../../session/client.ts'
import { redeliver } from './redeliver.ts'
import { StreamManager } from './stream-manager.ts'

/** What other extensions get of this one. */
export interface StreamManagementApi {
  /**
   * Resolves with true once a session has acknowledged all that it was sent so far, or at once where it does not
   * acknowledge anything; with false if it ends before.
   */
  whenAcknowledged(session: ClientSession): Promise<boolean>
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
    host.sessionEnded((session) => {
      const managed = manager.forget(session)
      if (managed) return redeliver(host, managed)
    })
    return {
      whenAcknowledged: (session) => manager.whenAcknowledged(session),
      resumed: (listener) => manager.resumed.add(listener),
    }
  },
})
