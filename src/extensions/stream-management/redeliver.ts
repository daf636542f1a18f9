// XEP-0198 §4: what a session was sent and never acknowledged, once the session is over.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { delay, delayNamespace } from '../../stanza/delay.ts'
import { errorOf } from '../../stanza/reply.ts'
import type { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { ManagedSession } from './managed-session.ts'
import type { Unacknowledged } from './outbox.ts'

/**
 * Treats it as if it were sent to a resource that is not there: messages go to other resources, into a store or back,
 * in their order; requests are refused; presence and answers have lost their meaning.
 */
export async function redeliver(host: ScopedHost, managed: ManagedSession): Promise<void> {
  const { jid } = managed.session
  for (const { stanza, when } of managed.outbox.takeAll()) {
    if (stanza.kind === 'message') await host.redeliver(asOffline(host, { stanza, when }, stanza), stanza)
    else if (stanza.kind === 'iq' && stanza.isRequest && !stanza.from.bare.equals(jid.bare)) {
      const refusal = new StanzaError('service-unavailable', 'the resource is gone')
      const reply = errorOf(stanza.with({ to: jid }), refusal, jid)
      if (reply) await host.route(reply)
    }
  }
}

/** To the account instead of the resource, and with when it was first sent (XEP-0203). */
function asOffline(host: ScopedHost, { when }: Unacknowledged, message: Message): Message {
  const isDelayed = message.child('delay', delayNamespace) !== undefined
  const children = isDelayed ? message.children : [...message.children, delay(host.domain, when)]
  const isPersonal = message.type === 'chat' || message.type === 'normal'
  return isPersonal ? message.with({ to: message.to?.bare, children }) : message.with({ children })
}
