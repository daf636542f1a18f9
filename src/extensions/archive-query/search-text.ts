// XEP-0431: by which words a message is found.
import { type Message, stanzaNamespace } from '../../stanza/stanza.ts'

/** The bodies of a message, in every language. */
export function searchText(message: Message): string {
  const bodies = message.elements().filter((child) => child.is('body', stanzaNamespace))
  return bodies.map((body) => body.text).join(' ')
}
