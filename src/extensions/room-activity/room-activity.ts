// XEP-0437: Room Activity Indicators
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { muc } from '../muc/muc.ts'
import { ActivityIndicators, namespace } from './activity-indicators.ts'

/** Tells clients that are not inside of rooms they belong to that something was said there, once until they enter. */
export const roomActivity = defineExtension({
  name: 'room-activity',
  xep: { number: 437, version: '0.2.0' },
  needs: { muc },
  options: {
    rooms: integer(200, 'rooms of one account of which it is told', { min: 1 }),
    subscribers: integer(10_000, 'clients that are told at a time', { min: 1 }),
    perMinute: integer(10, 'times that one account may ask for it in a minute; 0 for no limit'),
  },
  setup(host, { muc }, options) {
    const indicators = new ActivityIndicators(host, muc, options)
    const notKept = (error: unknown) => host.log.error('membership not kept', { error })
    host.advertise(namespace)
    host.receiveAtDomain((stanza) => {
      if (stanza.kind !== 'presence') return false
      if (stanza.type === 'unavailable' || stanza.type === 'error') return indicators.unsubscribe(stanza.from)
      if (stanza.type !== 'available' || !stanza.child('rai', namespace)) return false
      return indicators.subscribe(stanza.from)
    })
    host.keep(
      muc.message.deliver(({ room, message, when }) => {
        if (message.child('body')) indicators.said(room, when)
      }),
    )
    host.keep(
      muc.enter.announce(({ room, presence }) => {
        // Who enters does not wait for it.
        indicators.entered(room, presence.from).catch(notKept)
      }),
    )
    host.keep(muc.left(({ room, seat }) => indicators.left(room, seat.jid)))
    host.keep(muc.affiliationChanged((change) => indicators.changed(change)))
    host.keep(muc.removed((room) => indicators.activity.erase(room.local)))
    host.stopping(() => indicators.activity.keep())
    host.keep(() => indicators.activity.close())
  },
})
