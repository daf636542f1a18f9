// Whether what is known fits together: nothing lost, doubled or out of order, everything in the archive.
import type { Facts, SentMessage, Tally } from './facts.ts'
import type { Displaced } from './receiver.ts'

/** What came of it all. */
export interface Verdict extends Tally {
  messages: number
  acknowledged: number
  /** Sent by clients that are told of such things, and in the end neither acknowledged nor refused. */
  unanswered: number
  refused: number
  /** Acknowledged to the sender, refused by nobody, and never seen by a client of the account. */
  lost: number
  /** Of these, not in the archive of the account either. */
  lostForGood: number
  /** Seen by nobody, since it was written to a client that acknowledges nothing, and its connection broke. */
  lostOnTheWire: number
  /** Acknowledged, and not in the archive of the account. */
  missingInArchive: number
  /** More often in the archive than it was sent. */
  doubledInArchive: number
  /** Seen again after the client had acknowledged it and the server had shown that it knew. */
  doubled: number
  outOfOrder: number
  /** Came to a client after later ones, as it may: see `mayBeLate`. */
  late: number
  /** Refused, and given to somebody who was there none the less. */
  refusedYetSeen: number
  /** Refused, and given to somebody from a store. */
  refusedYetKept: number
}

/** The ids of the messages in each archive that its account received, by bare address; nothing where there is none. */
export type ArchivedIds = ReadonlyMap<string, readonly string[]>

/** Acknowledged messages that no client of their account has, though one should. */
export function missing(facts: Facts): SentMessage[] {
  return unseen(facts).filter((message) => !mayBeOnTheWire(facts, message))
}

/** Compares what was acknowledged with what came and what is in the archives. */
export function judge(facts: Facts, archives: ArchivedIds): Verdict {
  const all = [...facts.messages.values()]
  const lost = missing(facts)
  for (const message of lost) facts.fault(`${message.id} is lost`, message)
  return {
    messages: all.length,
    acknowledged: count(all, ({ acknowledgedAt }) => acknowledgedAt !== undefined),
    unanswered: count(all, (message) => isUnanswered(facts, message)),
    refused: count(all, (message) => message.isRefused),
    lost: lost.length,
    lostForGood: count(lost, ({ id, account }) => archives.get(account)?.includes(id) !== true),
    lostOnTheWire: unseen(facts).length - lost.length,
    ...judgeArchives(facts, archives),
    doubled: facts.doubled,
    ...judgeOrder(facts),
    ...facts.tally,
    refusedYetSeen: count(all, (message) => message.isRefused && message.receivers > 0),
    refusedYetKept: count(all, (message) => message.isRefused && message.wasKept),
  }
}

function isUnanswered(facts: Facts, { from, acknowledgedAt, isRefused }: SentMessage): boolean {
  const sender = facts.receivers.find(({ address }) => address === from)
  return sender?.kind !== 'plain' && acknowledgedAt === undefined && !isRefused
}

function unseen(facts: Facts): SentMessage[] {
  return [...facts.messages.values()].filter(
    (message) => message.acknowledgedAt !== undefined && !message.isRefused && message.receivers === 0,
  )
}

function mayBeOnTheWire(facts: Facts, message: SentMessage): boolean {
  return facts.receivers.some(
    (receiver) => receiver.account === message.account && receiver.mayHaveMissed(message),
  )
}

function judgeArchives(facts: Facts, archives: ArchivedIds) {
  let missingInArchive = 0
  let doubledInArchive = 0
  for (const [account, ids] of archives) {
    const counts = new Map<string, number>()
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
    for (const message of facts.messages.values()) {
      if (message.account !== account) continue
      const copies = counts.get(message.id) ?? 0
      if (copies === 0 && message.acknowledgedAt !== undefined && !message.isRefused) {
        missingInArchive += 1
        facts.fault(`${message.id} is not in the archive`, message)
      }
      if (copies > message.places.length) {
        doubledInArchive += 1
        facts.fault(`${message.id} is ${copies} times in the archive`, message)
      }
    }
  }
  return { missingInArchive, doubledInArchive }
}

function judgeOrder(facts: Facts): { outOfOrder: number; late: number } {
  const displaced = facts.receivers.flatMap((receiver) => receiver.displaced)
  const wrong = displaced.filter((one) => !mayBeLate(facts, one))
  for (const { receiver, message, last, isDelayed } of wrong) {
    const how = isDelayed ? ', delayed' : ''
    facts.fault(`${receiver.address} got ${message.id} after ${last}${how}`, message)
  }
  return { outOfOrder: wrong.length, late: displaced.length - wrong.length }
}

/**
 * Only what was kept comes late, says since when (XEP-0203), and only in two cases. It had been given to another client of
 * the account, whose session ended without taking it, and this client was not there when it came. Or it waited for this
 * client's presence (XEP-0160), while what is addressed to its resource comes as soon as that is connected (RFC
 * 6121 §8.5.3.1).
 */
function mayBeLate(facts: Facts, displaced: Displaced): boolean {
  const { receiver, message, isDelayed, at } = displaced
  if (!isDelayed) return false
  if (message.to === receiver.address && displaced.isOvertakenBeforePresence) return true
  const others = facts.othersOf(receiver)
  return displaced.mayHaveBeenAway && others.some((other) => other.mayHaveBeenThere(message.writtenAt, at))
}

function count<Item>(items: readonly Item[], fits: (item: Item) => boolean): number {
  return items.reduce((sum, item) => sum + (fits(item) ? 1 : 0), 0)
}
