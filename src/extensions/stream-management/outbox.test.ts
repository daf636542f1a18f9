import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jid } from '../../jid/jid.ts'
import { Message } from '../../stanza/stanza.ts'
import { Outbox } from './outbox.ts'
import { counterSpan } from './sm-elements.ts'

const numbered = (id: number) => new Message('chat', { from: jid('romeo@localhost'), id: String(id) })
const steps = fc.array(fc.record({ send: fc.nat(5), acknowledge: fc.nat(8) }), { maxLength: 30 })

test('XEP-0198 §4: after any exchange, what waits is what was sent last and not acknowledged, also past 2^32', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(0, counterSpan - 3), (exchange, first) => {
      const outbox = new Outbox(first)
      let sent = 0
      let acknowledged = 0
      for (const { send, acknowledge } of exchange) {
        for (let count = 0; count < send; count++) {
          sent += 1
          outbox.add(numbered(sent), 0)
        }
        const claimed = acknowledged + acknowledge
        const forgotten = outbox.acknowledge((first + claimed) % counterSpan)
        assert.equal(forgotten?.length, claimed <= sent ? acknowledge : undefined)
        if (claimed <= sent) acknowledged = claimed
        const waiting = outbox.waiting.map(({ stanza }) => Number(stanza.id))
        assert.deepEqual(
          waiting,
          Array.from({ length: sent - acknowledged }, (_, index) => acknowledged + index + 1),
        )
        assert.equal(outbox.size, waiting.length)
        const bytes = outbox.waiting.reduce((sum, { stanza }) => sum + stanza.rest().length, 0)
        assert.equal(outbox.bytes, bytes)
      }
    }),
    { seed: 198, numRuns: 200 },
  )
})
