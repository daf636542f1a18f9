// XEP-0198 §4: what a session was sent and never acknowledged, once the session is over.
import { notThere } from '../../host/not-there.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { delay, isDelayedBy } from '../../stanza/delay.ts'
import { errorOf } from '../../stanza/reply.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { Unacknowledged } from './outbox.ts'

/**
 * Treats what was sent to `jid` as if it were sent to a resource that is not there: messages go to other resources,
 * into a store or back, in their order; requests are refused; presence and answers have lost their meaning.
 */
export async function redeliver(
  host: ScopedHost,
  jid: Jid,
  unacknowledged: readonly Unacknowledged[],
): Promise<void> {
  const underway: (void | Promise<void>)[] = []
  // None waits for the one before: what comes to the account meanwhile would get between them.
  for (const { stanza, when } of unacknowledged) {
    if (stanza.kind === 'message') {
      if (!isForSession(stanza, jid)) underway.push(host.redeliver(asOffline(host, when, stanza), stanza))
    } else if (stanza.kind === 'iq' && stanza.isRequest && !stanza.from.bare.equals(jid.bare)) {
      const reply = errorOf(stanza.with({ to: jid }), notThere(), jid)
      if (reply) underway.push(host.route(reply))
    }
  }
  await Promise.all(underway)
}

/** What the server itself tells this session alone: copies (XEP-0280), pages of the archive (XEP-0313), events. */
function isForSession(message: Message, jid: Jid): boolean {
  return message.from.equals(jid.bare)
}

/** To the account instead of the resource, and with when it was first sent (XEP-0203). */
function asOffline(host: ScopedHost, when: number, message: Message): Message {
  const isDelayed = isDelayedBy(message.children, host.domain)
  const children = isDelayed ? message.children : [...message.children, delay(host.domain, when)]
  const isPersonal = message.type === 'chat' || message.type === 'normal'
  return isPersonal ? message.with({ to: message.to?.bare, children }) : message.with({ children })
}
