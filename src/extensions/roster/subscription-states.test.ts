import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nothing, subscriptionCases } from '../../../test/subscription-table.ts'
import { inbound, outbound } from './subscription-states.ts'

for (const { direction, type, name, before, after, goesOn } of subscriptionCases) {
  test(`RFC 6121 Appendix A: ${direction} ${type} in state “${name}”`, () => {
    const transition = (direction === 'outbound' ? outbound : inbound)(before, type)
    assert.deepEqual({ ...transition.state, isApproved: false }, after)
    assert.equal(transition.goesOn, goesOn)
  })
}

test('RFC 6121 §3.4.2: agreeing before being asked is remembered, not sent, and used up by the request', () => {
  const approved = outbound(nothing, 'subscribed')
  assert.deepEqual(approved, { state: { ...nothing, isApproved: true }, goesOn: false })
  const asked = inbound(approved.state, 'subscribe')
  assert.deepEqual(asked, { state: { ...nothing, from: true }, goesOn: false, isAnswered: true })
})

test('RFC 6121 §3.4.2: a pre-approval is taken back with unsubscribed, which is not sent', () => {
  const { state } = outbound(nothing, 'subscribed')
  assert.deepEqual(outbound(state, 'unsubscribed'), { state: nothing, goesOn: false })
})

test('RFC 6121 §3.1.3: who may see already is answered at once', () => {
  assert.equal(inbound({ ...nothing, from: true }, 'subscribe').isAnswered, true)
})
