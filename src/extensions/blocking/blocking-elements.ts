// XEP-0191: the elements of the command.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { blockingNamespace } from '../../stanza/namespaces.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'

/** `<blocklist/>`, `<block/>` or `<unblock/>` with an item for each address. */
export function itemsElement(name: 'block' | 'blocklist' | 'unblock', addresses: readonly Jid[]): Element {
  const items = addresses.map((address) => element('item', blockingNamespace, { jid: address.toString() }))
  return element(name, blockingNamespace, {}, ...items)
}

/**
 * The addresses of a command.
 * @throws StanzaError jid-malformed
 */
export function parseItems(command: Element): Jid[] {
  return command.elements('item').map((item) => {
    const address = parseJid(item.attribute('jid') ?? '')
    if (!address) throw new StanzaError('jid-malformed', 'an item has no address')
    return address
  })
}
