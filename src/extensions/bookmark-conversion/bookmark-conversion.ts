// XEP-0402 §5.3 and XEP-0411: bookmarks are the same in all three places in which clients keep them
import { InTurn } from '../../base/in-turn.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { type AccountNodeChange, type OwnNodes, pep } from '../pep/pep.ts'
import { type PrivateStorageApi, privateStorage } from '../private-storage/private-storage.ts'
import {
  type Bookmark,
  bookmarksNode,
  bookmarksOf,
  byAddress,
  collate,
  isSameBookmark,
  legacyNamespace,
  restOf,
} from './bookmarks.ts'

const name = 'bookmark-conversion'
const kind = { namespace: legacyNamespace, name: 'storage' }
/** XEP-0411 §3: the one item of the node. */
const legacyItem = 'current'

/** Nobody but the account is ever to read what is published here (XEP-0411 §5, XEP-0223). */
const closed = {
  'pubsub#persist_items': 'true',
  'pubsub#access_model': 'whitelist',
  'pubsub#send_last_published_item': 'never',
}
const nodeSettings = { ...closed, 'pubsub#max_items': 'max' }
const legacyNodeSettings = { ...closed, 'pubsub#max_items': '1' }

/** Keeps private storage and the old node in step with `urn:xmpp:bookmarks:1`, which is what counts. */
export const bookmarkConversion = defineExtension({
  name,
  xep: { number: 402, version: '1.2.0' },
  needs: { pep, privateStorage },
  setup(host, { pep, privateStorage }) {
    const bookmarks = new Bookmarks(pep, privateStorage)
    host.account.advertise(`${bookmarksNode}#compat`)
    host.account.advertise(`${bookmarksNode}#compat-pep`)
    host.account.advertise('urn:xmpp:bookmarks-conversion:0')
    host.keep(
      privateStorage.divert(kind, {
        get: (account, kept) => bookmarks.stored(account, kept),
        set: (account, given) => bookmarks.store(account, given),
      }),
    )
    host.keep(pep.changed((change) => bookmarks.follow(change)))
    // XEP-0411 §4: what was kept before anybody converted it is there before the client looks.
    host.presenceSent.announce((delivery) => {
      if (!delivery.isInitial) return
      bookmarks
        .adopt(delivery.account)
        .catch((error: unknown) => host.log.error('bookmarks could not be converted', { error }))
    })
  },
})

/** The bookmarks of accounts. */
class Bookmarks {
  readonly #pep: OwnNodes
  readonly #storage: PrivateStorageApi
  /** What is asked for an account is done one thing after the other. */
  readonly #inTurn = new InTurn()
  readonly #adopted = new WeakSet<Account>()

  constructor(pep: OwnNodes, storage: PrivateStorageApi) {
    this.#pep = pep
    this.#storage = storage
  }

  /** `<storage/>` as private storage is to answer it. */
  async stored(account: Account, kept: Element | undefined): Promise<Element | undefined> {
    if (!(await this.#isConverted(account))) return kept
    await this.adopt(account)
    const bookmarks = await this.#pep.items(account, bookmarksNode)
    return collate(bookmarks, restOf(kept))
  }

  /** Takes a `<storage/>`; answers what of it is no bookmark. */
  async store(account: Account, given: Element): Promise<Element> {
    if (!(await this.#isConverted(account))) return given
    this.#adopted.add(account)
    await this.#inTurn.run(account.jid.local, () => this.#replace(account, given))
    return collate([], restOf(given))
  }

  /** A client has published, in one of the two nodes. */
  async follow({ account, node, origin, published }: AccountNodeChange): Promise<void> {
    if (origin === name || (node !== bookmarksNode && node !== legacyNamespace)) return
    if (!(await this.#isConverted(account))) return
    const [storage] = published.slice(-1)
    await this.#inTurn.run(account.jid.local, async () => {
      if (node === bookmarksNode) await this.#publishLegacy(account)
      // Who takes the old node back has moved to the new one.
      else if (storage?.payload?.namespace === legacyNamespace) await this.#replace(account, storage.payload)
    })
  }

  /** Takes over what private storage has from before, once. */
  async adopt(account: Account): Promise<void> {
    if (this.#adopted.has(account)) return
    this.#adopted.add(account)
    const kept = await this.#storage.get(account.jid, kind)
    if (!kept || restOf(kept).length === kept.elements().length) return
    if (!(await this.#isConverted(account))) return
    await this.#inTurn.run(account.jid.local, async () => {
      const before = byAddress(await this.#pep.items(account, bookmarksNode))
      for (const [address, bookmark] of bookmarksOf(kept)) {
        if (!before.has(address)) await this.#publish(account, bookmark)
      }
      await this.#publishLegacy(account)
      await this.#storage.set(account.jid, collate([], restOf(kept)))
    })
  }

  /** XEP-0411 §5: where others could read the node, nothing is put there that private storage was given. */
  async #isConverted(account: Account): Promise<boolean> {
    return ((await this.#pep.accessOf(account, bookmarksNode)) ?? 'whitelist') === 'whitelist'
  }

  /** XEP-0402 §5.3.2: items are updated as required; nobody is told of those that have not changed. */
  async #replace(account: Account, storage: Element): Promise<void> {
    const items = await this.#pep.items(account, bookmarksNode)
    const before = byAddress(items)
    const after = bookmarksOf(storage, items)
    for (const [address, bookmark] of after) {
      if (!isSameBookmark(bookmark, before.get(address))) await this.#publish(account, bookmark)
    }
    for (const [address, { id }] of before) {
      if (!after.has(address)) await this.#pep.retract(account, bookmarksNode, id, name)
    }
    await this.#publishLegacy(account)
  }

  #publish(account: Account, { id, payload }: Bookmark): Promise<void> {
    const publication = { node: bookmarksNode, id, payload: payload as Element, settings: nodeSettings }
    return this.#pep.publish(account, publication, name)
  }

  async #publishLegacy(account: Account): Promise<void> {
    if (((await this.#pep.accessOf(account, legacyNamespace)) ?? 'whitelist') !== 'whitelist') return
    const payload = collate(await this.#pep.items(account, bookmarksNode))
    const before = (await this.#pep.item(account, legacyNamespace))?.payload
    if (before && serialize(before) === serialize(payload)) return
    const publication = { node: legacyNamespace, id: legacyItem, payload, settings: legacyNodeSettings }
    await this.#pep.publish(account, publication, name).catch((error: unknown) => {
      // What does not fit into one item, or into the account, is in the other places all the same.
      if (!(error instanceof StanzaError)) throw error
    })
  }
}
