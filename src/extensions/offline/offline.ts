// XEP-0160: Best Practices for Handling Offline Messages
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { isForNobody } from '../../host/message.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Message } from '../../stanza/stanza.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { isTaken } from './given-messages.ts'
import { isKept } from './kept-messages.ts'
import { OfflineStore } from './offline-store.ts'
import { Waiting } from './waiting.ts'

/** What other extensions get of this one. */
export interface OfflineApi {
  /** A session has been sent those messages of its account's archive: they need not be given again. */
  hasRead(session: ClientSession, archiveIds: readonly string[]): void
  /** A session looks into the archive by itself: what is there is not given to it, and need not wait any more. */
  leaveToArchive(session: ClientSession): void
}

/** Keeps messages for accounts that nobody is there to read for, until somebody is. */
export const offline = defineExtension({
  name: 'offline',
  xep: { number: 160, version: '1.0.1' },
  needs: { streamManagement },
  options: {
    maxMessages: integer(500, 'messages kept for one account; further ones go back to who sent them'),
    keepDays: integer(0, 'days after which a message that nobody has read is dropped; 0 for never'),
  },
  setup(host, { streamManagement }, options): OfflineApi {
    const store = new OfflineStore(host.store.collection('offline'), host, options)
    const waiting = new Waiting(host, store, streamManagement)
    host.keep(() => waiting.end())
    host.advertise('msgoffline')
    host.received.target(
      (delivery) => waiting.inTurn(delivery),
      (_, account) => !waiting.isServing(account),
    )
    const isTakenAtOnce = (message: Message) => !isKept(message)
    host.received.target(({ origin }) => {
      const given = origin && waiting.givenAs(origin)
      if (given && isTaken(given)) return 'stop'
    }, isTakenAtOnce)
    // Before anybody can acknowledge it.
    host.received.deliver((delivery) => {
      if (!delivery.origin && delivery.isTaken && isKept(delivery.message)) waiting.secure(delivery)
    }, isTakenAtOnce)
    host.keep(streamManagement.acknowledged((acknowledgement) => waiting.acknowledged(acknowledgement)))
    host.keep(
      streamManagement.keepMessages({
        keyOf: (message) => waiting.givenAs(message)?.key.text,
        restored: (session, key, message) => waiting.restored(session, key, message),
      }),
    )
    host.received.store((delivery) => {
      const given = delivery.origin && waiting.givenAs(delivery.origin)
      if (given) return waiting.takeBack(delivery, given)
      const { account, isTaken, message } = delivery
      if (isTaken || !isKept(message) || isForNobody(message, account)) return
      return waiting.keep(delivery)
    }, isTakenAtOnce)
    host.unkept((delivery) => {
      if (!delivery.origin) waiting.withdraw(delivery)
    })
    // Loaded before what announces presence to others, so that nothing comes between being available and this.
    host.presenceSent.announce(({ presence, account, session, before }) => {
      if (presence.to || presence.type !== 'available' || !session || session.priority < 0) return
      // §2: with the first presence that does not have a negative priority.
      if (before && waiting.isServed(session)) return
      waiting.serve(account, session)
    })
    host.accountRemoved((account) => store.forgetCount(account))
    return {
      hasRead: (session, ids) => waiting.noteRead(session, ids),
      leaveToArchive: (session) => waiting.leaveToArchive(session),
    }
  },
})
