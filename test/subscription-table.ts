// RFC 6121 Appendix A: the tables of subscription states, for tests.
import type { SubscriptionState, SubscriptionType } from '../src/extensions/roster/subscription-states.ts'

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

export type StateName = keyof typeof states
/** Whether the stanza goes on, and the new state where it is another. */
type Cell = 'no' | 'yes' | StateName | `no, ${StateName}`

/** Nothing has ever been said. */
export const nothing: SubscriptionState = {
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

/** One cell of the tables. */
export interface SubscriptionCase {
  readonly direction: 'outbound' | 'inbound'
  readonly type: SubscriptionType
  readonly name: StateName
  readonly before: SubscriptionState
  readonly after: SubscriptionState
  /** Whether the stanza goes on: outbound to the contact, inbound to the account's sessions. */
  readonly goesOn: boolean
}

/** Every cell of the tables. */
export const subscriptionCases: readonly SubscriptionCase[] = [
  ...casesOf('outbound', outboundTables),
  ...casesOf('inbound', inboundTables),
]

function casesOf(
  direction: SubscriptionCase['direction'],
  tables: Record<SubscriptionType, Record<StateName, Cell>>,
): SubscriptionCase[] {
  return Object.entries(tables).flatMap(([type, table]) =>
    Object.entries(table).map(([name, cell]) => {
      const before = { ...nothing, ...states[name as StateName] }
      const after = cell === 'yes' || cell === 'no' ? before : { ...nothing, ...states[cell as StateName] }
      return {
        direction,
        type: type as SubscriptionType,
        name: name as StateName,
        before,
        after,
        goesOn: cell !== 'no',
      }
    }),
  )
}
