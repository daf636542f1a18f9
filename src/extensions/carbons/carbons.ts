// XEP-0280: Message Carbons
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import { isForNobody } from '../../host/message.ts'
import type { ClientSession } from '../../session/client.ts'
import { forwarded } from '../../stanza/forward.ts'
import { carbonsNamespace } from '../../stanza/namespaces.ts'
import { Message } from '../../stanza/stanza.ts'
import { withStanzaId } from '../../stanza/stanza-id.ts'
import { element } from '../../xml/element.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { isCopiedWhenReceived, isCopiedWhenSent } from './eligible.ts'
import { Nicks, roomOfPrivate } from './in-rooms.ts'

const rulesNamespace = 'urn:xmpp:carbons:rules:0'

/** What other extensions get of this one. */
export interface CarbonsApi {
  isEnabled(session: ClientSession): boolean
  /** Does for a session what its `<enable/>` would. */
  enable(session: ClientSession): void
}

/** Shows both sides of every conversation to all of an account's clients that ask for it. */
export const carbons = defineExtension({
  name: 'carbons',
  xep: { number: 280, version: '1.0.1' },
  uses: { streamManagement },
  setup(host, apis): CarbonsApi {
    const enabled = new WeakSet<ClientSession>()
    const nicks = new Nicks()
    host.presenceSent.announce(({ presence, session }) => {
      if (session && presence.to) nicks.note(session, presence, presence.to)
    })
    if (apis.streamManagement) {
      const save = (session: ClientSession) => enabled.has(session) || undefined
      const restore = (session: ClientSession) => void enabled.add(session)
      host.keep(apis.streamManagement.keepPart({ name: 'carbons', save, restore }))
    }
    for (const feature of [carbonsNamespace, rulesNamespace]) {
      host.advertise(feature)
      host.account.advertise(feature)
    }
    // §10.1: enabling or disabling again changes nothing.
    host.account.iq.set(carbonsNamespace, 'enable', (_iq, session) => {
      enabled.add(session)
    })
    host.account.iq.set(carbonsNamespace, 'disable', (_iq, session) => {
      enabled.delete(session)
    })
    host.received.copy(
      ({ message, account, targets }) => {
        if (!hasOthers(account, targets.length) || !isCopiedWhenReceived(message)) return
        // What is refused is seen by nobody.
        if (targets.length === 0 && isForNobody(message, account)) return
        copy('received', message, account, (session) => {
          if (!enabled.has(session) || targets.includes(session) || session.jid.equals(message.from))
            return false
          return !nicks.answerOnly(account, message, session)
        })
      },
      (message, account) => !hasOthers(account, 1) || !isCopiedWhenReceived(message),
    )
    host.sent.copy(({ message, account, archiveId, session: sender }) => {
      if (!hasOthers(account, 1) || !isCopiedWhenSent(message)) return
      // §7: what an account says to itself comes in here too, and is copied then to those who do not get it anyway.
      if (!message.to || message.to.bare.equals(account.jid)) return
      // XEP-0313 §3.5: the account's own clients learn under which id it is in the archive.
      const shown = archiveId === undefined ? message : withStanzaId(message, account.jid, archiveId)
      const room = roomOfPrivate(message)
      const isThere = (session: ClientSession) => !room || !sender || nicks.areShared(sender, session, room)
      copy(
        'sent',
        shown,
        account,
        (session) => enabled.has(session) && session !== sender && isThere(session),
      )
    })
    return { isEnabled: (session) => enabled.has(session), enable: (session) => void enabled.add(session) }
  },
})

function hasOthers(account: Account, count: number): boolean {
  return account.sessionsByResource.size > count
}

/** §7, §8: one copy, made once, to each session that wants it. */
function copy(
  direction: 'received' | 'sent',
  message: Message,
  account: Account,
  wants: (session: ClientSession) => boolean,
): void {
  let wrapper: Message | undefined
  for (const session of account.sessionsByResource.values()) {
    if (!wants(session)) continue
    wrapper ??= new Message(message.type, {
      from: account.jid,
      children: [element(direction, carbonsNamespace, {}, forwarded(message))],
    })
    session.send(wrapper.with({ to: session.jid }))
  }
}
