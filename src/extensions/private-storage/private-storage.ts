// XEP-0049: Private XML Storage
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Collection } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { parseDocument } from '../../xml/xml.ts'

const namespace = 'jabber:iq:private'

/** Keeps elements for an account that only the account itself reads: bookmarks of old clients, settings. */
export const privateStorage = defineExtension({
  name: 'private-storage',
  xep: { number: 49, version: '1.2' },
  options: {
    maxElements: integer(100, 'elements kept for one account'),
    maxBytes: integer(65_536, 'bytes of one element'),
  },
  setup(host, _apis, options) {
    const kept: Collection<string> = host.store.collection('private')
    host.account.advertise(namespace)
    host.account.iq.get(namespace, 'query', async (iq, _session, account) => {
      const asked = onlyChild(iq)
      const text = await kept.get(account.jid.local, keyOf(asked))
      const found = text === undefined ? undefined : parseDocument(text)
      // §3.2: what was never kept comes back empty.
      return element('query', namespace, {}, found && !('condition' in found) ? found : asked)
    })
    host.account.iq.set(namespace, 'query', async (iq, _session, account) => {
      const given = onlyChild(iq)
      const text = serialize(given)
      if (Buffer.byteLength(text) > options.maxBytes) {
        throw new StanzaError('not-acceptable', `an element has at most ${options.maxBytes} bytes`)
      }
      const owner = account.jid.local
      const isNew = (await kept.get(owner, keyOf(given))) === undefined
      if (isNew && (await kept.count(owner)) >= options.maxElements) {
        throw new StanzaError('resource-constraint', `at most ${options.maxElements} elements are kept`)
      }
      await kept.set(owner, keyOf(given), text)
    })
    host.accountRemoved((account) => kept.clear(account.local))
  },
})

// §2.1: one element, in a namespace of its own.
function onlyChild(iq: Iq): Element {
  const [child, another] = iq.payload?.elements() ?? []
  if (!child || another) throw new StanzaError('bad-request', 'exactly one element is kept or asked for')
  if (child.namespace === '' || child.namespace === namespace) {
    throw new StanzaError('bad-request', 'the element needs a namespace of its own')
  }
  return child
}

function keyOf({ namespace, name }: Element): string {
  return `${namespace} ${name}`
}
