// XEP-0160: Best Practices for Handling Offline Messages
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { isKept } from './kept-messages.ts'
import { OfflineStore } from './offline-store.ts'
import { Waiting } from './waiting.ts'

/** Keeps messages for accounts that nobody is there to read for, until somebody is. */
export const offline = defineExtension({
  name: 'offline',
  xep: { number: 160, version: '1.0.1' },
  needs: { streamManagement },
  options: {
    maxMessages: integer(500, 'messages kept for one account; further ones go back to who sent them'),
    keepDays: integer(0, 'days after which a message that nobody has read is dropped; 0 for never'),
  },
  setup(host, { streamManagement }, options) {
    const store = new OfflineStore(host.store.collection('offline'), host.clock, options)
    const waiting = new Waiting(host, store, streamManagement)
    host.advertise('msgoffline')
    host.received.check(({ account }) => waiting.inTurn(account))
    host.received.store((delivery) => {
      if (delivery.origin && waiting.holds(delivery.origin))
        return waiting.takeBack(delivery, delivery.origin)
      if (delivery.isTaken || !isKept(delivery.message)) return
      return waiting.keep(delivery)
    })
    // Loaded before what announces presence to others, so that nothing comes between being available and this.
    host.presenceSent.announce(({ presence, account, session, before }) => {
      if (presence.to || presence.type !== 'available' || !session || session.priority < 0) return
      // §2: with the first presence that does not have a negative priority.
      if (before && waiting.isServed(session)) return
      waiting.serve(account, session)
    })
  },
})
