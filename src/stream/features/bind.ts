// RFC 6120 §7: resource binding; and RFC 3921 §3, the session that old clients ask for and nobody needs.
import type { Jid } from '../../jid/jid.ts'
import { withResource } from '../../jid/jid.ts'
import { stanzaNamespace } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import type { StreamFeature, XmlStream } from '../stream.ts'
import { StreamError } from '../stream-error.ts'

const bindNamespace = 'urn:ietf:params:xml:ns:xmpp-bind'
const sessionNamespace = 'urn:ietf:params:xml:ns:xmpp-session'

/** Resource binding, with the client's wish or a resource that the domain makes; after `retries` in vain the stream ends. */
export function bind(retries: number): StreamFeature {
  const failuresByStream = new WeakMap<XmlStream, number>()
  /** RFC 6120 §7.7.3: the error for the client, or the end of the stream. */
  const refused = (stream: XmlStream, error: unknown): unknown => {
    if (!(error instanceof StanzaError)) return error
    const failures = (failuresByStream.get(stream) ?? 0) + 1
    failuresByStream.set(stream, failures)
    return failures > retries ? new StreamError('policy-violation', 'too many resources tried') : error
  }
  return {
    name: 'bind',
    needs: ['authenticated'],
    advertise: (stream) => (stream.has('bound') ? undefined : element('bind', bindNamespace)),
    accepts: (iq) => isRequestFor(iq, 'bind', bindNamespace),
    receive(iq, stream) {
      if (stream.has('bound')) throw new StanzaError('not-allowed', 'a stream has one resource')
      try {
        const bound = stream.bind(wishedResource(iq, stream.user as Jid))
        if (bound instanceof Promise) {
          const refuse = (error: unknown) => Promise.reject(refused(stream, error))
          return bound.then((jid) => answer(iq, stream, jid), refuse)
        }
        answer(iq, stream, bound)
      } catch (error) {
        throw refused(stream, error)
      }
    },
  }
}

/**
 * The resource that a client wishes for, prepared; `undefined` if it leaves the choice to us.
 * @throws StanzaError bad-request (RFC 6120 §7.7.2.1)
 */
function wishedResource(iq: Element, user: Jid): string | undefined {
  const wished = iq.child('bind', bindNamespace)?.child('resource')?.text ?? ''
  if (wished === '') return undefined
  const prepared = withResource(user, wished)
  if (!prepared) throw new StanzaError('bad-request', 'that cannot be a resource')
  return prepared.resource
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
