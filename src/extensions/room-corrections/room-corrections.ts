// XEP-0308: Last Message Correction, in rooms
import { AttemptLimit } from '../../base/attempt-limit.ts'
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { correctNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { muc, type Room } from '../muc/muc.ts'
import { occupantId, occupantIdNamespace } from '../occupant-id/occupant-id.ts'
import { roomArchive } from '../room-archive/room-archive.ts'

/**
 * Lets those who said something in a room correct it, and nobody else, whatever nick they took. Who said what is known
 * from the room's history and archive; of what neither knows a room without archive leaves it to clients.
 */
export const roomCorrections = defineExtension({
  name: 'room-corrections',
  xep: { number: 308, version: '1.2.1' },
  needs: { muc, occupantId },
  uses: { roomArchive },
  options: {
    lookupsPerMinute: integer(30, 'times a minute that the archive is asked for one account; 0 for no limit'),
  },
  setup(host, { muc, occupantId, roomArchive }, { lookupsPerMinute }) {
    const limit = new AttemptLimit({ attempts: lookupsPerMinute, windowMs: 60_000 }, host.clock)
    host.keep(
      muc.message.check(({ room, seat, message }) => {
        const id = correctedId(message)
        if (id === undefined) return
        const account = seat.occupant.bare
        const author = occupantId.of(room, account)
        const isOwn = (said: Message) => said.id === id && authorOf(said) === author
        if (room.history.search(isOwn)) return
        if (room.history.search((said) => said.id === id)) throw notYours(room)
        if (!roomArchive?.keeps(room)) return
        if (!limit.take(account.toString())) throw tooOften(room)
        return roomArchive.records.hasSaid(room, account.toString(), id).then((isSaid) => {
          if (!isSaid) throw neverSaid(room)
        })
      }),
    )
  },
})

/** The id of the message that this one corrects. */
function correctedId(message: Message): string | undefined {
  const replace = message.child('replace', correctNamespace)
  if (!replace) return undefined
  const id = replace.attribute('id')
  if (!id) throw new StanzaError('bad-request', 'which message is corrected?')
  return id
}

function authorOf(message: Message): string | undefined {
  return message.child('occupant-id', occupantIdNamespace)?.attribute('id')
}

// §4: original and correction have the same sender.
function notYours(room: Room): StanzaError {
  return new StanzaError('forbidden', 'that was said by somebody else', { by: room.jid })
}

function tooOften(room: Room): StanzaError {
  const text = 'too many corrections of what is long ago; try again later'
  return new StanzaError('policy-violation', text, { type: 'wait', by: room.jid })
}

function neverSaid(room: Room): StanzaError {
  return new StanzaError('item-not-found', 'you said nothing of that id here', { by: room.jid })
}
