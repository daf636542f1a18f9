import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jid } from '../jid/jid.ts'
import { Iq, type Stanza } from '../stanza/stanza.ts'
import { element } from '../xml/element.ts'
import { ClientSession } from './client.ts'
import type { SessionOwner, SessionStream } from './session.ts'

/** A stream that goes nowhere. */
const stream: SessionStream = { isSecure: true, remoteAddress: 'test', send() {}, close() {} }

/** An owner that keeps each message when it is told to, and counts what has been dealt with. */
class SlowOwner implements SessionOwner<ClientSession> {
  readonly gates: PromiseWithResolvers<void>[] = []
  count = 0

  receive(stanza: Stanza): void {
    const gate = Promise.withResolvers<void>()
    this.gates.push(gate)
    stanza.receipts?.add(gate.promise)
  }

  handled(): void {
    this.count += 1
  }

  sends(): boolean {
    return true
  }

  lets(): boolean {
    return true
  }

  keeps(): boolean {
    return false
  }

  ended(): void {}
}

const message = () => element('message', 'jabber:client', {}, element('body', 'jabber:client', {}, 'hi'))
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('stanzas count as dealt with in their order, whichever is kept first', async () => {
  const owner = new SlowOwner()
  const session = new ClientSession(jid('romeo@localhost/orchard'), stream, owner)
  for (let count = 0; count < 3; count++)
    assert.equal(session.receive(message()), undefined, 'the next may come')
  owner.gates[2]?.resolve()
  owner.gates[1]?.resolve()
  await turn()
  assert.equal(owner.count, 0)
  owner.gates[0]?.resolve()
  await turn()
  assert.equal(owner.count, 3)
  assert.equal(session.underway, undefined)
})

test('a session that is not kept up with is read no further, until it is', async () => {
  const owner = new SlowOwner()
  const session = new ClientSession(jid('romeo@localhost/orchard'), stream, owner)
  let pending = session.receive(message())
  while (!pending) pending = session.receive(message())
  assert.equal(owner.gates.length, 128)
  for (const gate of owner.gates) gate.resolve()
  await pending
  assert.equal(owner.count, 128)
  assert.equal(session.receive(message()), undefined)
})

test('results are written as all else is, whoever they are from', () => {
  const written: string[] = []
  const me = jid("romeo@localhost/o'neill")
  const session = new ClientSession(
    me,
    { ...stream, send: (text) => void written.push(text) },
    new SlowOwner(),
  )
  const pong = element('pong', 'urn:x', {}, 'a < b')
  const from = jid('localhost')
  const parts = { from, to: me, id: "i'1" }
  const answers = [
    new Iq('result', parts),
    new Iq('result', { ...parts, id: '2', children: [pong] }),
    new Iq('result', { ...parts, from: jid("julia@localhost/d'arc") }),
    new Iq('result', parts),
    new Iq('result', { ...parts, lang: 'en' }),
    new Iq('result', { ...parts, attributes: ['by', 'x'] }),
    new Iq('result', { ...parts, to: me.bare }),
    new Iq('get', parts),
    new Iq('error', parts),
  ]
  for (const answer of answers) session.send(answer)
  assert.deepEqual(written, answers.map(String))
})
