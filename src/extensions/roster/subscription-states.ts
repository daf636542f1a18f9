// RFC 6121 Appendix A: what each kind of subscription stanza does to the state between two parties.

/** Who sees whose presence, from the account's side (RFC 6121 §2.1.2.5). */
export type Subscription = 'both' | 'from' | 'none' | 'to'

/** The stanzas that manage subscriptions (RFC 6121 §3). */
export type SubscriptionType = 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed'

/** The state towards one contact. */
export interface SubscriptionState {
  /** The account sees the contact's presence. */
  readonly to: boolean
  /** The contact sees the account's presence. */
  readonly from: boolean
  /** The account has asked to see it, and has no answer. */
  readonly isPendingOut: boolean
  /** The contact has asked to see it, and has no answer. */
  readonly isPendingIn: boolean
  /** The account has agreed before being asked (RFC 6121 §3.4). */
  readonly isApproved: boolean
}

/** What becomes of a stanza and of the state. */
export interface Transition {
  readonly state: SubscriptionState
  /** Whether the stanza goes on: outbound to the contact, inbound to the account's sessions. */
  readonly goesOn: boolean
  /** Inbound `subscribe` that is answered with `subscribed` on the account's behalf. */
  readonly isAnswered?: boolean
}

/** The account sends `type` to the contact (RFC 6121 Appendix A.2). */
export function outbound(state: SubscriptionState, type: SubscriptionType): Transition {
  switch (type) {
    case 'subscribe':
      return { state: state.to ? state : { ...state, isPendingOut: true }, goesOn: true }
    case 'unsubscribe':
      return { state: { ...state, to: false, isPendingOut: false }, goesOn: true }
    case 'subscribed':
      return outboundSubscribed(state)
    case 'unsubscribed':
      return {
        state: { ...state, from: false, isPendingIn: false, isApproved: false },
        goesOn: state.from || state.isPendingIn,
      }
  }
}

// Appendix A.2.3; without a request it is a pre-approval, which is not sent (§3.4.2).
function outboundSubscribed(state: SubscriptionState): Transition {
  if (state.isPendingIn) return { state: { ...state, from: true, isPendingIn: false }, goesOn: true }
  if (state.from) return { state, goesOn: false }
  return { state: { ...state, isApproved: true }, goesOn: false }
}

/** The contact has sent `type` to the account (RFC 6121 Appendix A.3). */
export function inbound(state: SubscriptionState, type: SubscriptionType): Transition {
  switch (type) {
    case 'subscribe':
      return inboundSubscribe(state)
    case 'unsubscribe':
      return {
        state: { ...state, from: false, isPendingIn: false },
        goesOn: state.from || state.isPendingIn,
      }
    case 'subscribed':
      if (!state.isPendingOut) return { state, goesOn: false }
      return { state: { ...state, to: true, isPendingOut: false }, goesOn: true }
    case 'unsubscribed':
      return {
        state: { ...state, to: false, isPendingOut: false },
        goesOn: state.to || state.isPendingOut,
      }
  }
}

// Appendix A.3.1: who may see already, or was approved before (§3.4.2), is answered at once.
function inboundSubscribe(state: SubscriptionState): Transition {
  if (state.from) return { state, goesOn: false, isAnswered: true }
  if (state.isApproved) {
    return { state: { ...state, from: true, isApproved: false }, goesOn: false, isAnswered: true }
  }
  if (state.isPendingIn) return { state, goesOn: false }
  return { state: { ...state, isPendingIn: true }, goesOn: true }
}

/** The value of the `subscription` attribute. */
export function subscriptionOf(state: SubscriptionState): Subscription {
  if (state.to) return state.from ? 'both' : 'to'
  return state.from ? 'from' : 'none'
}
