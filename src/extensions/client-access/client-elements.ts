// XEP-0494: the elements of client access management.
import { formatDate } from '../../stanza/delay.ts'
import { type Element, element } from '../../xml/element.ts'

/** The namespace of client access management. */
export const namespace = 'urn:xmpp:cam:0'

/** By what a client has shown that it may use the account. */
export type ClientAuth = 'password' | 'fast' | 'certificate'

/** A client as its account's owner sees it. */
export interface ListedClient {
  readonly id: string
  readonly isConnected: boolean
  /** Milliseconds since 1970; `undefined` if not known. */
  readonly firstSeen?: number | undefined
  readonly lastSeen?: number | undefined
  readonly auth: readonly ClientAuth[]
  readonly software?: string | undefined
  readonly device?: string | undefined
}

/** `<clients/>`. */
export function clientsElement(clients: readonly ListedClient[]): Element {
  return element('clients', namespace, {}, ...clients.map(clientElement))
}

function clientElement({
  id,
  isConnected,
  firstSeen,
  lastSeen,
  auth,
  software,
  device,
}: ListedClient): Element {
  const agent = [optional('software', software), optional('device', device)]
  return element(
    'client',
    namespace,
    { connected: String(isConnected), id, type: 'session' },
    optional('first-seen', firstSeen === undefined ? undefined : formatDate(firstSeen)),
    optional('last-seen', lastSeen === undefined ? undefined : formatDate(lastSeen)),
    element('auth', namespace, {}, ...auth.map((name) => element(name, namespace))),
    element('permission', namespace, { status: 'unrestricted' }),
    agent.some(Boolean) ? element('user-agent', namespace, {}, ...agent) : undefined,
  )
}

function optional(name: string, text: string | undefined): Element | undefined {
  return text === undefined ? undefined : element(name, namespace, {}, text)
}
