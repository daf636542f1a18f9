import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inbound, outbound, type SubscriptionState, type SubscriptionType } from './subscription-states.ts'

// The nine states of RFC 6121 Appendix A.1.
const states = {
  None: {},
  'None + Pending Out': { isPendingOut: true },
  'None + Pending In': { isPendingIn: true },
  'None + Pending Out+In': { isPendingOut: true, isPendingIn: true },
  To: { to: true },
  'To + Pending In': { to: true, isPendingIn: true },
  From: { from: true },
  'From + Pending Out': { from: true, isPendingOut: true },
  Both: { to: true, from: true },
} as const satisfies Record<string, Partial<SubscriptionState>>

type StateName = keyof typeof states
/** Whether the stanza goes on, and the new state where it is another. */
type Cell = 'no' | 'yes' | StateName | `no, ${StateName}`

const nothing: SubscriptionState = {
  to: false,
  from: false,
  isPendingOut: false,
  isPendingIn: false,
  isApproved: false,
}

const outboundTables: Record<SubscriptionType, Record<StateName, Cell>> = {
  // A.2.1
  subscribe: {
    None: 'None + Pending Out',
    'None + Pending Out': 'yes',
    'None + Pending In': 'None + Pending Out+In',
    'None + Pending Out+In': 'yes',
    To: 'yes',
    'To + Pending In': 'yes',
    From: 'From + Pending Out',
    'From + Pending Out': 'yes',
    Both: 'yes',
  },
  // A.2.2
  unsubscribe: {
    None: 'yes',
    'None + Pending Out': 'None',
    'None + Pending In': 'yes',
    'None + Pending Out+In': 'None + Pending In',
    To: 'None',
    'To + Pending In': 'None + Pending In',
    From: 'yes',
    'From + Pending Out': 'From',
    Both: 'From',
  },
  // A.2.3; where nothing was asked for it is a pre-approval (§3.4.2), tested below
  subscribed: {
    None: 'no',
    'None + Pending Out': 'no',
    'None + Pending In': 'From',
    'None + Pending Out+In': 'From + Pending Out',
    To: 'no',
    'To + Pending In': 'Both',
    From: 'no',
    'From + Pending Out': 'no',
    Both: 'no',
  },
  // A.2.4
  unsubscribed: {
    None: 'no',
    'None + Pending Out': 'no',
    'None + Pending In': 'None',
    'None + Pending Out+In': 'None + Pending Out',
    To: 'no',
    'To + Pending In': 'To',
    From: 'None',
    'From + Pending Out': 'None + Pending Out',
    Both: 'To',
  },
}

const inboundTables: Record<SubscriptionType, Record<StateName, Cell>> = {
  // A.3.1
  subscribe: {
    None: 'None + Pending In',
    'None + Pending Out': 'None + Pending Out+In',
    'None + Pending In': 'no',
    'None + Pending Out+In': 'no',
    To: 'To + Pending In',
    'To + Pending In': 'no',
    From: 'no',
    'From + Pending Out': 'no',
    Both: 'no',
  },
  // A.3.2
  unsubscribe: {
    None: 'no',
    'None + Pending Out': 'no',
    'None + Pending In': 'None',
    'None + Pending Out+In': 'None + Pending Out',
    To: 'no',
    'To + Pending In': 'To',
    From: 'None',
    'From + Pending Out': 'None + Pending Out',
    Both: 'To',
  },
  // A.3.3
  subscribed: {
    None: 'no',
    'None + Pending Out': 'To',
    'None + Pending In': 'no',
    'None + Pending Out+In': 'To + Pending In',
    To: 'no',
    'To + Pending In': 'no',
    From: 'no',
    'From + Pending Out': 'Both',
    Both: 'no',
  },
  // A.3.4
  unsubscribed: {
    None: 'no',
    'None + Pending Out': 'None',
    'None + Pending In': 'no',
    'None + Pending Out+In': 'None + Pending In',
    To: 'None',
    'To + Pending In': 'None + Pending In',
    From: 'no',
    'From + Pending Out': 'From',
    Both: 'From',
  },
}

for (const [direction, transition, tables] of [
  ['outbound', outbound, outboundTables],
  ['inbound', inbound, inboundTables],
] as const) {
  for (const [type, table] of Object.entries(tables)) {
    test(`RFC 6121 Appendix A: ${direction} ${type} in each state`, () => {
      for (const [name, cell] of Object.entries(table)) {
        const before = { ...nothing, ...states[name as StateName] }
        const { state, goesOn } = transition(before, type as SubscriptionType)
        const after = cell === 'yes' || cell === 'no' ? before : { ...nothing, ...states[cell as StateName] }
        assert.deepEqual({ ...state, isApproved: false }, after, `${name}: state`)
        assert.equal(goesOn, cell !== 'no', `${name}: goes on`)
      }
    })
  }
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
