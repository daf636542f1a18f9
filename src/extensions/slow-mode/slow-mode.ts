// XEP-0500: MUC Slow Mode
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { isAtLeast, muc, type Room } from '../muc/muc.ts'
import { LastMessages } from './last-messages.ts'
import { slowModeSetting } from './slow-mode-setting.ts'

/** Lets owners say how long one waits before speaking again. */
export const slowMode = defineExtension({
  name: 'slow-mode',
  xep: { number: 500, version: '0.1.1' },
  needs: { muc },
  options: {
    maxSeconds: integer(86_400, 'the longest time that owners can have people wait', { min: 1 }),
    remembered: integer(10_000, 'accounts in one room of which it is known when they spoke', { min: 1 }),
  },
  setup(host, { muc }, { maxSeconds, remembered }) {
    const setting = slowModeSetting(maxSeconds)
    const lastByRoom = new WeakMap<Room, LastMessages>()
    host.keep(muc.settings.add(setting))
    host.keep(
      muc.message.check(({ room, seat, message, when }) => {
        const waitMs = room.config.get(setting) * 1000
        if (waitMs === 0 || !message.child('body') || isExempt(room, seat.jid)) return
        const sinceMs = when - (lastByRoom.get(room)?.of(seat.jid.bare) ?? Number.NEGATIVE_INFINITY)
        // A clock that was set back makes nobody wait longer.
        if (sinceMs >= 0 && sinceMs < waitMs) throw tooSoon(room, waitMs, waitMs - sinceMs)
      }),
    )
    host.keep(
      muc.message.stamp(({ room, seat, message, when }) => {
        const waitMs = room.config.get(setting) * 1000
        if (waitMs === 0 || !message.child('body') || isExempt(room, seat.jid)) return
        const last = lastByRoom.get(room) ?? new LastMessages(remembered)
        lastByRoom.set(room, last)
        last.note(seat.jid.bare, when, waitMs)
      }),
    )
  },
})

// §6: admins and owners never wait.
function isExempt(room: Room, jid: Parameters<Room['affiliationOf']>[0]): boolean {
  return isAtLeast(room.affiliationOf(jid), 'admin')
}

function tooSoon(room: Room, waitMs: number, leftMs: number): StanzaError {
  const text =
    `In this room one waits ${waitMs / 1000} seconds before speaking again. ` +
    `Please try again in ${Math.ceil(leftMs / 1000)} seconds.`
  return new StanzaError('policy-violation', text, { type: 'wait', by: room.jid })
}
