// RFC 6120 §7: resource binding; and RFC 3921 §3, the session that old clients ask for and nobody needs.
import type { Jid } from '../../jid/jid.ts'
import { withResource } from '../../jid/jid.ts'
import { stanzaNamespace } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import type { StreamFeature, XmlStream } from '../stream.ts'

const bindNamespace = 'urn:ietf:params:xml:ns:xmpp-bind'
const sessionNamespace = 'urn:ietf:params:xml:ns:xmpp-session'

/** Resource binding, with the client's wish or a resource that the domain makes. */
export const bind: StreamFeature = {
  name: 'bind',
  needs: ['authenticated'],
  advertise: (stream) => (stream.has('bound') ? undefined : element('bind', bindNamespace)),
  accepts: (iq) => isRequestFor(iq, 'bind', bindNamespace),
  receive(iq, stream) {
    const user = stream.user as Jid
    if (stream.has('bound')) throw new StanzaError('not-allowed', 'a stream has one resource')
    const wished = iq.child('bind', bindNamespace)?.child('resource')?.text ?? ''
    const prepared = wished === '' ? undefined : withResource(user, wished)
    // RFC 6120 §7.7.2.1
    if (wished !== '' && !prepared) throw new StanzaError('bad-request', 'that cannot be a resource')
    const bound = stream.bind(prepared?.resource)
    if (bound instanceof Promise) return bound.then((jid) => answer(iq, stream, jid))
    answer(iq, stream, bound)
  },
}

/** The legacy session: offered as optional, and granted. */
export const session: StreamFeature = {
  name: 'session',
  needs: ['authenticated'],
  advertise: (stream) =>
    stream.has('bound')
      ? undefined
      : element('session', sessionNamespace, {}, element('optional', sessionNamespace)),
  accepts: (iq) => isRequestFor(iq, 'session', sessionNamespace),
  receive(iq, stream) {
    if (!stream.has('bound')) throw new StanzaError('not-allowed', 'bind a resource first')
    stream.sendElement(element('iq', stanzaNamespace, { type: 'result', id: iq.attribute('id') }))
  },
}

function isRequestFor(iq: Element, name: string, namespace: string): boolean {
  return (
    iq.is('iq', stanzaNamespace) && iq.attribute('type') === 'set' && iq.child(name, namespace) !== undefined
  )
}

function answer(iq: Element, stream: XmlStream, jid: Jid): void {
  const bound = element('bind', bindNamespace, {}, element('jid', bindNamespace, {}, jid.toString()))
  stream.sendElement(element('iq', stanzaNamespace, { type: 'result', id: iq.attribute('id') }, bound))
}
