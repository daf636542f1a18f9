// XEP-0357: Push Notifications
import { flag, integer } from '../../base/options.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import type { Message } from '../../stanza/stanza.ts'
import { clientState } from '../client-state/client-state.ts'
import { roster } from '../roster/roster.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { Notifier } from './notifier.ts'
import { parseDisabled, parseEnabled, pushNamespace, readRevocation } from './push-elements.ts'
import { Registrations } from './registrations.ts'
import { isWorthNotifying } from './worth-notifying.ts'

/** Tells services that clients name when something comes for an account whose user is not there to see it. */
export const push = defineExtension({
  name: 'push',
  xep: { number: 357, version: '0.4.1' },
  uses: { roster, clientState, streamManagement },
  options: {
    maxServices: integer(10, 'services that one account may have told'),
    maxBytes: integer(4096, 'bytes that a client may give to be sent along with each notification'),
    perMinute: integer(30, 'times in a minute that something is told for one account; 0 for no limit'),
    maxFailures: integer(5, 'times in a row that a service may fail in passing before it is told no more'),
    withSender: flag(true, 'tell services who a message is from'),
    withBody: flag(false, 'tell services what a message says, as far as it is not encrypted'),
  },
  setup(host, { roster, clientState, streamManagement }, options) {
    const registrations = new Registrations(host, options)
    const notifier = new Notifier(host, registrations, { ...options, roster })
    host.account.advertise(pushNamespace)
    host.account.iq.set(pushNamespace, 'enable', (iq, _session, { jid }) =>
      registrations.add(jid, parseEnabled(iq, options.maxBytes)),
    )
    host.account.iq.set(pushNamespace, 'disable', async (iq, _session, { jid }) => {
      await registrations.remove(jid, parseDisabled(iq))
    })

    const isWatched = ({ sessionsByResource }: Account) => {
      for (const session of sessionsByResource.values()) {
        const isAwake = session.isConnected && session.isAvailable
        if (isAwake && clientState?.isActive(session) !== false) return true
      }
      return false
    }
    const hasNothingToTell = (_: Message, account: Account) =>
      registrations.isKnownToHaveNone(account.jid) || (isWatched(account) && !notifier.hasTold(account.jid))
    host.received.notify((delivery) => {
      if (!isWorthNotifying(delivery)) return
      if (isWatched(delivery.account)) notifier.forget(delivery.account.jid)
      else notifier.messageCame(delivery)
    }, hasNothingToTell)
    host.presenceReceived.deliver(
      ({ presence, account }) => {
        if (presence.type === 'subscribe' && !isWatched(account)) notifier.requestCame(account)
      },
      ({ type }) => type !== 'subscribe',
    )
    // Who comes back sees what there is.
    host.sessionOpened(({ jid }) => notifier.forget(jid))
    if (streamManagement) host.keep(streamManagement.resumed(({ jid }) => notifier.forget(jid)))
    // §8: a service that wants no more says so.
    host.received.check(
      ({ message, account: { jid } }) => {
        const revoked = readRevocation(message, jid)
        return revoked && registrations.remove(jid, revoked).then((count) => (count > 0 ? 'stop' : undefined))
      },
      (message, { jid }) => readRevocation(message, jid) === undefined,
    )
  },
})
