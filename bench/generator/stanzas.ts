// The stanzas that are sent, as templates for `Sender`.
import { domain } from './login.ts'
import { marker, sequencePlaceholder } from './scanner.ts'

/** A chat message of usual size and content, about 300 bytes. */
export function messageTemplate(kind: 'chat' | 'groupchat', to: string, sender: number): string {
  return (
    `<message to='${to}' type='${kind}' id='m${sender}-${sequencePlaceholder}'>` +
    `<body>${marker(sender)} Will you not go and look from the balcony, whether he is coming up the road?</body>` +
    `<active xmlns='http://jabber.org/protocol/chatstates'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>`
  )
}

/** RFC 6121 §4.4: somebody's presence has changed; there is an address in it for the relay only. */
export function presenceTemplate(sender: number, to?: string): string {
  const address = to === undefined ? '' : ` to='${to}'`
  return `<presence${address}><show>away</show><status>${marker(sender)}</status><priority>5</priority></presence>`
}

/** XEP-0199: a ping to the server, or what stands for it; the marker comes back in the id. */
export function pingTemplate(sender: number, to = domain): string {
  return `<iq to='${to}' type='get' id='${marker(sender)}'><ping xmlns='urn:xmpp:ping'/></iq>`
}
