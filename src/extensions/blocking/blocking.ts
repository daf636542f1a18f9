// XEP-0191: Blocking Command
import { integer } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import { type Listener, Signal } from '../../base/signal.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import { AnswerThen } from '../../host/iq.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { blockingNamespace } from '../../stanza/namespaces.ts'
import { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import { type RosterApi, roster } from '../roster/roster.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { itemsElement, parseItems } from './blocking-elements.ts'
import { type BlockCollection, Blocklists } from './blocklist.ts'
import { refuseBlocked } from './refuse-blocked.ts'

/** A command to block that has been obeyed: `command` is the `<block/>` as the client sent it. */
export interface Blocked {
  readonly account: Account
  readonly command: Element
}

/** What other extensions get of this one. */
export interface BlockingApi {
  /** Tells `listener` of every command to block that has been obeyed. */
  blocked(listener: Listener<Blocked>): Undo
}

/** Lets accounts refuse everything from addresses and domains of their choice. */
export const blocking = defineExtension({
  name: 'blocking',
  xep: { number: 191, version: '1.3' },
  needs: { roster },
  uses: { streamManagement },
  options: { maxItems: integer(1000, 'addresses that one account may block') },
  setup(host, apis, { maxItems }): BlockingApi {
    const collection: BlockCollection = host.store.collection('blocking')
    const lists = new Blocklists(collection, maxItems)
    const command = new BlockCommand(host, lists, apis.roster, ({ jid }) =>
      apis.streamManagement?.beginAnew(jid),
    )
    if (apis.streamManagement)
      host.keep(
        apis.streamManagement.keepPart({
          name: 'blocking',
          save: (session) => command.interested.has(session) || undefined,
          restore: (session) => void command.interested.add(session),
        }),
      )
    host.advertise(blockingNamespace)
    host.account.iq.get(blockingNamespace, 'blocklist', (_iq, session, account) =>
      command.list(session, account),
    )
    host.account.iq.set(blockingNamespace, 'block', (iq, _session, account) => command.block(iq, account))
    host.account.iq.set(blockingNamespace, 'unblock', (iq, _session, account) => command.unblock(iq, account))
    host.keep(
      apis.roster.hide((account, contact) => {
        const list = lists.loaded(account)
        return list ? list.matches(contact) : lists.of(account).then((loaded) => loaded.matches(contact))
      }),
    )
    refuseBlocked(host, lists)
    host.accountRemoved((account) => collection.clear(account.local))
    return { blocked: (listener) => command.blocked.add(listener) }
  },
})

/** What clients ask to be done with their list. */
class BlockCommand {
  readonly blocked = new Signal<Blocked>()
  readonly #host: ScopedHost
  readonly #lists: Blocklists
  readonly #roster: RosterApi
  readonly #onPush: (account: Account) => void
  /** §3.3: sessions that have asked for the list get its changes. */
  readonly interested = new WeakSet<ClientSession>()

  /** `onPush` is told of each account of which sessions are told a change. */
  constructor(host: ScopedHost, lists: Blocklists, roster: RosterApi, onPush: (account: Account) => void) {
    this.#onPush = onPush
    this.#host = host
    this.#lists = lists
    this.#roster = roster
  }

  async list(session: ClientSession, account: Account): Promise<Element> {
    const list = await this.#lists.of(account)
    this.interested.add(session)
    return itemsElement('blocklist', list.addresses)
  }

  async block(iq: Iq, account: Account): Promise<AnswerThen> {
    const command = iq.payload as Element
    const addresses = parseItems(command)
    if (addresses.length === 0) throw new StanzaError('bad-request', 'there is nobody to block')
    const list = await this.#lists.of(account)
    const hidden = (await this.#viewers(account, addresses)).filter((contact) => !list.matches(contact))
    await this.#lists.change(account, { add: addresses, remove: [] })
    return new AnswerThen(undefined, () => {
      this.#push(account, itemsElement('block', addresses))
      this.blocked.emit({ account, command }, (error) =>
        this.#host.log.error('block listener failed', { error }),
      )
      for (const contact of hidden) {
        if (list.matches(contact)) void this.#roster.show(account, contact, 'unavailable')
      }
      account
        .withdrawDirectedPresence((to) => list.matches(to) && !to.bare.equals(account.jid))
        .catch((error: unknown) => this.#host.log.error('presence not withdrawn', { error }))
    })
  }

  async unblock(iq: Iq, account: Account): Promise<AnswerThen> {
    const given = parseItems(iq.payload as Element)
    const list = await this.#lists.of(account)
    // §3.5: an empty request is for all.
    const addresses = given.length > 0 ? given : list.addresses
    const hidden = (await this.#viewers(account, addresses)).filter((contact) => list.matches(contact))
    await this.#lists.change(account, { add: [], remove: addresses })
    return new AnswerThen(undefined, () => {
      this.#push(account, itemsElement('unblock', given))
      for (const contact of hidden) {
        if (!list.matches(contact)) void this.#roster.show(account, contact, 'available')
      }
    })
  }

  /** Who sees the account's presence: subscribers, and of their clients those that are named. */
  async #viewers(account: Account, named: readonly Jid[]): Promise<Jid[]> {
    const contacts = await this.#roster.subscribers(account)
    const isClient = (address: Jid) =>
      !address.isBare && contacts.some((contact) => contact.equals(address.bare))
    return [...contacts, ...named.filter(isClient)]
  }

  #push(account: Account, payload: Element): void {
    this.#onPush(account)
    for (const session of account.sessionsByResource.values()) {
      if (!this.interested.has(session)) continue
      const id = this.#host.ids.id()
      session.send(new Iq('set', { from: account.jid, to: session.jid, id, children: [payload] }))
    }
  }
}
