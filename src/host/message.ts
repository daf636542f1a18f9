// RFC 6121 §5 and §8: what happens to messages of accounts here.
import type { Receipt } from '../base/receipts.ts'
import type { Waiter } from '../base/waiter.ts'
import type { Jid } from '../jid/jid.ts'
import type { ClientSession } from '../session/client.ts'
import { withoutDelayBy } from '../stanza/delay.ts'
import type { Message } from '../stanza/stanza.ts'
import type { Account } from './account.ts'
import type { Line } from './line.ts'
import { notThere } from './not-there.ts'

/** What happens to a message that an account here sends, in order. */
export const sentPhases = ['check', 'stamp', 'archive', 'copy'] as const
/** What happens to a message that an account here receives, in order. */
export const receivedPhases = [
  'check',
  'stamp',
  'archive',
  'target',
  'copy',
  'deliver',
  'store',
  'notify',
] as const

export type SentPhase = (typeof sentPhases)[number]
export type ReceivedPhase = (typeof receivedPhases)[number]

/** A message on its way through an account. */
export class Delivery implements Waiter {
  message: Message
  readonly account: Account
  /** The session that sent it; on the received line `undefined`. */
  readonly session: ClientSession | undefined
  /** The id under which the archive keeps it. */
  archiveId: string | undefined
  /** Who gets it, once phase `target` is over. */
  targets: readonly ClientSession[] = noSessions
  /** Whether somebody took it: a session, or a store. */
  isTaken = false
  /** What a session was given when the message went down this line before, and never took. */
  readonly origin: Message | undefined
  /** What the sender's acknowledgement waits for. */
  receipt: Receipt | undefined
  #open = 0
  #isUncertain = false
  #failure: Failure | undefined
  #whenSettled: ((delivery: Delivery) => void) | undefined

  constructor(message: Message, account: Account, session: ClientSession | undefined, origin?: Message) {
    this.message = message
    this.account = account
    this.session = session
    this.archiveId = undefined
    this.origin = origin
  }

  /** Whether the message went down this line before: it has been archived, and counted, and told of. */
  get isRedelivered(): boolean {
    return this.origin !== undefined
  }

  /** Why it is refused although it was delivered: something could not be kept. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** Whether nothing is being kept, or was refused. */
  get isSettled(): boolean {
    return this.#open === 0 && this.#failure === undefined
  }

  /** Whether all that it waits for has been asked of the host's storage. */
  get isBeingKept(): boolean {
    return !this.#isUncertain && this.#failure === undefined
  }

  /**
   * Tells the sender that the message has been dealt with only after `commit`, when it would survive the server. If
   * that rejects, the message is refused, though those online have it.
   */
  acknowledgeAfter(commit: Promise<void>): void {
    this.#isUncertain = true
    this.acknowledgeWithWrite(commit)
  }

  /** The same for a write that has been asked of the host's storage, or is late there. */
  acknowledgeWithWrite(write: Promise<void>): void {
    const waiter = this.hold()
    write.then(
      () => waiter.kept(),
      (error: unknown) => waiter.refused(error),
    )
  }

  /** The same for such a write, where somebody tells what this answers of it. */
  hold(): Waiter {
    this.#open += 1
    return this
  }

  kept(): void {
    this.#open -= 1
    if (this.#open === 0) this.#whenSettled?.(this)
  }

  refused(error: unknown): void {
    this.#failure ??= { error }
    this.receipt?.doubt()
    this.kept()
  }

  /** Calls `action` once all is kept that has to be, or has been refused: now, or when it is. */
  whenSettled(action: (delivery: Delivery) => void): void {
    if (this.#open === 0) action(this)
    else this.#whenSettled = action
  }
}

/** Why something could not be kept. */
export interface Failure {
  readonly error: unknown
}

const noSessions: readonly ClientSession[] = []

/** The RFC's own rules as steps of the two lines of a host. */
export function addMessageRules(
  sent: Line<SentPhase, Delivery>,
  received: Line<ReceivedPhase, Delivery, Message, Account>,
  domain: Jid,
): void {
  sent.add('stamp', (delivery) => {
    const { message } = delivery
    const children = withoutDelayBy(message.children, domain)
    // XEP-0203 §3: only we say what we have kept, and since when.
    if (children !== message.children) delivery.message = message.with({ children })
  })
  const setTargets = (delivery: Delivery): void => {
    delivery.targets = targetsOf(delivery.message, delivery.account)
  }
  const deliver = (delivery: Delivery): void => {
    const { message, targets } = delivery
    // Made for all of them.
    if (targets.length > 1) message.rest()
    for (const session of targets) session.send(message)
    if (targets.length > 0) delivery.isTaken = true
  }
  // The session that a stanza is for is found without the line.
  received.add('target', setTargets, () => true)
  received.add('deliver', deliver, () => true)
}

/**
 * Ends a received message that nobody took: who may be told is told (RFC 6121 §8.5).
 * @throws StanzaError service-unavailable
 */
export function bounceUntaken(delivery: Delivery): void {
  const { message } = delivery
  // RFC 6121 §8.5.2.2.1: headlines and errors are dropped.
  if (delivery.isTaken || message.type === 'headline' || message.type === 'error') return
  // It is kept, and will be read there.
  if (delivery.archiveId !== undefined) return
  throw notThere()
}

/** The sessions that get a message (RFC 6121 §8.5.2 and §8.5.3). */
export function targetsOf(message: Message, account: Account): readonly ClientSession[] {
  const resource = message.to?.resource
  if (resource) {
    const session = account.sessionsByResource.get(resource)
    // RFC 6121 §8.5.3.1: a connected resource gets what is addressed to it, whatever its priority.
    if (session) return [session]
    if (isForNobody(message, account)) return noSessions
  }
  return targetsOfBare(message, account)
}

/** Whether a message is for a resource that is not there, and for no other: only chat goes on (RFC 6121 §8.5.3.2.1). */
export function isForNobody({ type, to }: Message, account: Account): boolean {
  return type !== 'chat' && to !== undefined && !to.isBare && !account.sessionsByResource.has(to.resource)
}

function targetsOfBare(message: Message, account: Account): readonly ClientSession[] {
  // §8.5.2.1.1: never a groupchat or error message to a bare address, never a negative priority.
  if (message.type === 'groupchat' || message.type === 'error') return noSessions
  const willing: ClientSession[] = []
  for (const session of account.sessionsByResource.values()) {
    if (session.isAvailable && session.priority >= 0) willing.push(session)
  }
  return willing
}
