// XEP-0191 §3.3: what is refused, and how, in both directions.
import type { Account } from '../../host/account.ts'
import type { StepResult } from '../../host/line.ts'
import { notThere } from '../../host/not-there.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Message, Presence } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { element } from '../../xml/element.ts'
import type { Blocklists } from './blocklist.ts'

/** Puts the rules on the lines of a host. */
export function refuseBlocked(host: ScopedHost, lists: Blocklists): void {
  const ifBlocked = (account: Account, other: Jid | undefined, refuse: () => StepResult) => {
    if (!other || other.bare.equals(account.jid)) return
    const list = lists.loaded(account)
    if (list) return list.matches(other) ? refuse() : undefined
    return lists.of(account).then((loaded) => (loaded.matches(other) ? refuse() : undefined))
  }
  host.sent.check(({ message, account }) => ifBlocked(account, message.to, refuseToSend))
  host.presenceSent.check(({ presence, account }) => ifBlocked(account, presence.to, refuseToSend))
  host.iqSent.check(({ iq, account }) =>
    ifBlocked(account, iq.to, () => (iq.isRequest ? refuseToSend() : 'stop')),
  )
  const isKnownNotToBeBlocked = ({ from }: Message | Presence, account: Account) =>
    lists.loaded(account)?.matches(from) === false
  host.received.check(
    ({ message, account }) =>
      ifBlocked(account, message.from, () => (message.type === 'error' ? 'stop' : seemAbsent())),
    isKnownNotToBeBlocked,
  )
  // Whoever is blocked learns nothing, not even that presence is refused.
  host.presenceReceived.check(
    ({ presence, account }) => ifBlocked(account, presence.from, () => 'stop'),
    isKnownNotToBeBlocked,
  )
  host.iqReceived.check(({ iq, account }) =>
    ifBlocked(account, iq.from, () => (iq.isRequest ? seemAbsent() : 'stop')),
  )
}

function refuseToSend(): never {
  throw new StanzaError('not-acceptable', 'You have blocked this JID', {
    type: 'cancel',
    application: element('blocked', 'urn:xmpp:blocking:errors'),
  })
}

function seemAbsent(): never {
  throw notThere()
}
