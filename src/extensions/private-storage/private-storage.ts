// XEP-0049: Private XML Storage
import { integer } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Collection } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { parseDocument } from '../../xml/xml.ts'

const namespace = 'jabber:iq:private'

/** Who answers for one kind of element, because it is kept elsewhere in another form. */
export interface PrivateKeeper {
  /** The element as the account is to see it; `kept` is what private storage itself has of it. */
  get(account: Account, kept: Element | undefined): Promise<Element | undefined>
  /** Takes an element; answers what of it private storage is to keep. */
  set(account: Account, given: Element): Promise<Element>
}

/** What other extensions get of this one. */
export interface PrivateStorageApi {
  /** What is kept of an element. */
  get(account: Jid, kind: ElementKind): Promise<Element | undefined>
  /**
   * Keeps an element.
   * @throws StanzaError not-acceptable or resource-constraint past the limits
   */
  set(account: Jid, given: Element): Promise<void>
  /** Makes `keeper` answer for elements of one kind. */
  divert(kind: ElementKind, keeper: PrivateKeeper): Undo
}

/** What elements are kept by: there is one of each for an account. */
export type ElementKind = Pick<Element, 'namespace' | 'name'>

/** Keeps elements for an account that only the account itself reads: bookmarks of old clients, settings. */
export const privateStorage = defineExtension({
  name: 'private-storage',
  xep: { number: 49, version: '1.2' },
  options: {
    maxElements: integer(100, 'elements kept for one account'),
    maxBytes: integer(65_536, 'bytes of one element'),
  },
  setup(host, _apis, options): PrivateStorageApi {
    const kept = new KeptElements(host.store.collection('private'), options)
    const keepers = new Map<string, PrivateKeeper>()
    host.account.advertise(namespace)
    host.account.iq.get(namespace, 'query', async (iq, _session, account) => {
      const asked = onlyChild(iq)
      const own = await kept.get(account.jid, asked)
      const keeper = keepers.get(keyOf(asked))
      const found = keeper ? await keeper.get(account, own) : own
      // What was never kept comes back empty.
      return element('query', namespace, {}, found ?? asked)
    })
    host.account.iq.set(namespace, 'query', async (iq, _session, account) => {
      const given = givenChildren(iq)
      for (const child of given) kept.check(child)
      const own: Element[] = []
      for (const child of given) {
        const keeper = keepers.get(keyOf(child))
        own.push(keeper ? await keeper.set(account, child) : child)
      }
      await kept.set(account.jid, own)
    })
    host.accountRemoved((account) => kept.clear(account))
    return {
      get: (account, kind) => kept.get(account, kind),
      set: (account, given) => kept.set(account, [given]),
      divert(kind, keeper) {
        keepers.set(keyOf(kind), keeper)
        return () => void keepers.delete(keyOf(kind))
      },
    }
  },
})

/** The elements themselves, by account and kind. */
class KeptElements {
  readonly #kept: Collection<string>
  readonly #limits: { readonly maxElements: number; readonly maxBytes: number }

  constructor(kept: Collection<string>, limits: { maxElements: number; maxBytes: number }) {
    this.#kept = kept
    this.#limits = limits
  }

  async get({ local }: Jid, kind: ElementKind): Promise<Element | undefined> {
    const text = await this.#kept.get(local, keyOf(kind))
    const found = text === undefined ? undefined : parseDocument(text)
    return found && !('condition' in found) ? found : undefined
  }

  /** @throws StanzaError not-acceptable for an element that is too large */
  check(given: Element): string {
    const text = serialize(given)
    const { maxBytes } = this.#limits
    if (Buffer.byteLength(text) <= maxBytes) return text
    throw new StanzaError('not-acceptable', `an element has at most ${maxBytes} bytes`)
  }

  /** Keeps all of them or none. */
  async set({ local }: Jid, given: readonly Element[]): Promise<void> {
    const textByKey = new Map(given.map((one) => [keyOf(one), this.check(one)]))
    const { maxElements } = this.#limits
    let count = await this.#kept.count(local)
    for (const key of textByKey.keys()) if ((await this.#kept.get(local, key)) === undefined) count += 1
    if (count > maxElements) {
      throw new StanzaError('resource-constraint', `at most ${maxElements} elements are kept`)
    }
    await this.#kept.change(local, textByKey)
  }

  clear({ local }: Jid): Promise<void> {
    return this.#kept.clear(local)
  }
}

// §2.3: a request names one element.
function onlyChild(iq: Iq): Element {
  const [child, another] = iq.payload?.elements() ?? []
  if (!child || another) throw new StanzaError('bad-request', 'exactly one element is asked for')
  if (!hasOwnNamespace(child))
    throw new StanzaError('bad-request', 'the element needs a namespace of its own')
  return child
}

// §2.3: at least one is given to be kept. Two of a kind could not both be found again.
function givenChildren(iq: Iq): readonly Element[] {
  const given = iq.payload?.elements() ?? []
  if (given.length === 0 || !given.every(hasOwnNamespace)) {
    throw new StanzaError('not-acceptable', 'what is kept is an element in a namespace of its own')
  }
  if (new Set(given.map(keyOf)).size < given.length) {
    throw new StanzaError('bad-request', 'only one element of each name is kept')
  }
  return given
}

function hasOwnNamespace(child: Element): boolean {
  return child.namespace !== '' && child.namespace !== namespace
}

function keyOf({ namespace, name }: ElementKind): string {
  return `${namespace} ${name}`
}
