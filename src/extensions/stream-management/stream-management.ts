// XEP-0198: Stream Management
import { integer, optionalText } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { XmlStream } from '../../stream/stream.ts'
import type { Element } from '../../xml/element.ts'
import { inlineResumption } from './inline-resumption.ts'
import type { SessionPart } from './kept-session.ts'
import type { MessageKeeper } from './kept-sessions.ts'
import { type Acknowledgement, ManagedSessions } from './managed-sessions.ts'

export type { SessionPart } from './kept-session.ts'
export type { Acknowledgement } from './managed-sessions.ts'

/** What other extensions get of this one. */
export interface StreamManagementApi {
  /** Whether a session acknowledges what it is sent; what others are sent counts as received. */
  manages(session: ClientSession): boolean
  /** Does for a session what `<enable/>` over its stream would; answers what the client is to be told. */
  enable(request: Element, stream: XmlStream): Element
  /** Tells `listener` of what clients acknowledge. */
  acknowledged(listener: (acknowledgement: Acknowledgement) => void): Undo
  /** Tells `listener` of each client that has come back, once it has been sent what it had missed. */
  resumed(listener: (session: ClientSession) => void): Undo
  /**
   * Something has happened that every session of `account` is told of: those that still wait from before the server was
   * started are not resumed, so that their clients begin anew.
   */
  beginAnew(account: Jid): void
  /** Keeps what `part` knows of a session while the server is started again. */
  keepPart(part: SessionPart): Undo
  /** Asks `keeper` about messages that sessions have not acknowledged. */
  keepMessages(keeper: MessageKeeper): Undo
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
    maxUnacknowledgedBytes: integer(8_388_608, 'bytes that they may have together', { min: 1_048_576 }),
    location: optionalText('where clients should come back to: host:port'),
  },
  setup(host, _apis, options): StreamManagementApi {
    const sessions = new ManagedSessions(host, options)
    host.offer(sessions.feature)
    host.offerAtLogin(inlineResumption(sessions))
    host.outgoing.record(
      ({ stanza, session }) => sessions.noteSent(session, stanza),
      (_, session) => !sessions.manages(session),
    )
    host.handled((session) => sessions.noteHandled(session))
    host.keepSessions((session) => sessions.keeps(session))
    // What a room says to one session is nobody's copy, and given to nobody else.
    const isOnlyHere = ({ type }: Message) => type === 'groupchat'
    host.received.deliver((delivery) => sessions.noteDelivered(delivery), isOnlyHere)
    host.received.store((delivery) => {
      if (delivery.targets.length === 0) sessions.noteUndelivered(delivery)
    }, isOnlyHere)
    host.sessionOver((session) => sessions.handOver(session))
    host.sessionEnded((session) => sessions.end(session))
    host.stopping(() => sessions.stop())
    host.accountRemoved((account) => sessions.kept.sweep(account.local))
    // Nobody waits longer than that for sessions from before the last start.
    const timer = host.clock.after(options.resumeSeconds * 1000, () => sweep(host, sessions))
    host.keep(() => timer.cancel())
    const { sinceStart } = sessions.kept
    const starting = host.clock.after(0, () => void sinceStart.run)
    host.keep(() => starting.cancel())
    // XEP-0280: sessions that wait would have been shown it.
    host.sent.copy(({ account, session }) => {
      sinceStart.noteChange(account.jid)
      sessions.noteSaid(session)
    })
    return {
      manages: (session) => sessions.manages(session),
      enable: (request, stream) => sessions.enable(request, stream),
      acknowledged: (listener) => sessions.acknowledged.add(listener),
      resumed: (listener) => sessions.resumed.add(listener),
      beginAnew: (account) => sinceStart.noteChange(account),
      keepPart: (part) => addTo(sessions.kept.parts, part),
      keepMessages: (keeper) => addTo(sessions.kept.keepers, keeper),
    }
  },
})

function sweep(host: ScopedHost, sessions: ManagedSessions): void {
  sessions.kept.sinceStart.end()
  sessions.counts.sweep().catch((error: unknown) => host.log.error('counts not swept', { error }))
  sessions.kept.sweep().catch((error: unknown) => host.log.error('sessions not swept', { error }))
}

function addTo<Item>(list: Item[], item: Item): Undo {
  list.push(item)
  return () => {
    list.splice(list.indexOf(item), 1)
  }
}
