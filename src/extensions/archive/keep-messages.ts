// XEP-0313 §3 and XEP-0359: what goes over the lines of messages, into the archive, and gets its id.
import type { Account } from '../../host/account.ts'
import { type Delivery, isForNobody } from '../../host/message.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Message } from '../../stanza/stanza.ts'
import { stanzaIdAuthors, stanzaIdOf, withoutStanzaIds, withStanzaId } from '../../stanza/stanza-id.ts'
import type { Archive } from '../../storage/storage.ts'
import { Looks } from './looks.ts'
import type { Preferences } from './preferences.ts'

/** How messages are kept. */
export interface KeepOptions {
  /** How many of an account. */
  readonly keep: number
  readonly isSearched: boolean
}

/**
 * Archives what accounts send and receive. A message goes on at once; its sender is told that it has been dealt with
 * when it would survive a loss of power, and that it was not if it cannot be kept.
 */
export function keepMessages(
  host: ScopedHost,
  messages: Archive<string>,
  preferences: Preferences,
  options: KeepOptions,
): void {
  const { keep: most, isSearched } = options
  const looks = new Looks()
  const limit = { keep: most }
  const append = (delivery: Delivery, other: Jid): void => {
    const when = host.clock.now()
    const id = host.ids.ordered(when)
    const look = looks.at(delivery.message)
    const entry = {
      id,
      when,
      with: other.bare.toString(),
      resource: other.resource,
      value: look.value,
      text: isSearched ? look.text : '',
    }
    const owner = delivery.account.jid.local
    delivery.archiveId = id
    messages.appendFor(delivery.hold(), owner, entry, limit)
  }
  const keep = (delivery: Delivery, other: Jid): void | Promise<void> => {
    if (!looks.at(delivery.message).isArchivable) return
    const isWanted = preferences.isWanted(delivery.account, other)
    if (isWanted === false) return
    if (isWanted === true) return append(delivery, other)
    return isWanted.then((is) => (is ? append(delivery, other) : undefined))
  }

  host.sent.stamp(stripForged)
  host.received.stamp((delivery) => {
    if (!delivery.isRedelivered) return stripForged(delivery)
    // It was archived when it came; its id is our own.
    delivery.archiveId = stanzaIdOf(delivery.message, delivery.account.jid)
  }, claimsNothing())
  host.sent.archive((delivery) => {
    const { account, message } = delivery
    // What an account sends to itself is kept once, when it arrives.
    if (message.to && !message.to.bare.equals(account.jid)) return keep(delivery, message.to)
  })
  host.received.archive(
    (delivery) => {
      // §6.1: what is about to be refused is not kept.
      if (delivery.isRedelivered || isForNobody(delivery.message, delivery.account)) return
      const kept = keep(delivery, delivery.message.from)
      if (kept) return kept.then(() => showId(delivery))
      showId(delivery)
    },
    (message) => !looks.at(message).isArchivable,
  )
}

/** Whether a message names no account as having given it an id; it is looked through once for all who get it. */
function claimsNothing(): (message: Message, account: Account) => boolean {
  let last: Message | undefined
  let authors: readonly Jid[] = []
  return (message, { jid }) => {
    if (message !== last) {
      authors = stanzaIdAuthors(message.children)
      last = message
    }
    return !authors.some((author) => author.equals(jid))
  }
}

function stripForged(delivery: Delivery): void {
  // What the account's own nodes tell is as it was published: XEP-0490 has ids in there.
  if (delivery.message.from.equals(delivery.account.jid)) return
  delivery.message = withoutStanzaIds(delivery.message, delivery.account.jid)
}

// §3.5: only who may read the archive learns the id.
function showId(delivery: Delivery): void {
  const { account, archiveId, message } = delivery
  if (archiveId !== undefined) delivery.message = withStanzaId(message, account.jid, archiveId)
}
