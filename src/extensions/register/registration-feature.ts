// XEP-0077 §3.1: making an account on a stream that nobody has logged in to.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { registerNamespace } from '../../stanza/namespaces.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { StreamFeature, XmlStream } from '../../stream/stream.ts'
import { type Element, element } from '../../xml/element.ts'
import { registerFeatureNamespace, registrationForm } from './register-elements.ts'
import { checkPassword, parseSubmission } from './submission.ts'

/** How many accounts an address may make. */
export interface RegistrationLimit {
  /** Whether one more may be made from `address`; counts it if so. */
  allows(address: string): boolean
}

/** What the options say about new accounts. */
export interface RegistrationRules {
  readonly minPasswordLength: number
  readonly instructions: string
  /** Whether names of accounts that were removed are nobody's. */
  readonly keepNames: boolean
}

/** XEP-0077 §3.1: the answer to those who want an account where none is to be had; nothing is offered. */
export const closedRegistration: StreamFeature = {
  name: 'registration',
  forbids: ['authenticated'],
  advertise: () => undefined,
  accepts: isRegistration,
  receive() {
    throw new StanzaError('service-unavailable', 'accounts are made by the administrators')
  },
}

/** The stream feature that takes registrations before log-in. */
export function registrationFeature(
  host: ScopedHost,
  options: RegistrationRules,
  limit: RegistrationLimit,
): StreamFeature {
  return {
    name: 'registration',
    forbids: ['authenticated'],
    advertise: () => element('register', registerFeatureNamespace),
    accepts: isRegistration,
    async receive(request, stream) {
      const query = request.child('query', registerNamespace) as Element
      if (request.attribute('type') === 'get')
        return reply(stream, request, registrationForm(options.instructions))
      await makeAccount(host, options, limit, stream, query)
      reply(stream, request)
    },
  }
}

function isRegistration(request: Element): boolean {
  const type = request.attribute('type')
  if (!request.is('iq', 'jabber:client') || (type !== 'get' && type !== 'set')) return false
  return request.child('query', registerNamespace) !== undefined
}

async function makeAccount(
  host: ScopedHost,
  { minPasswordLength, keepNames }: RegistrationRules,
  limit: RegistrationLimit,
  stream: XmlStream,
  query: Element,
): Promise<void> {
  const { username, password, isRemoval } = parseSubmission(query)
  // §3.2: who has not logged in has nothing that could be removed.
  if (isRemoval) throw new StanzaError('unexpected-request', 'log in first')
  if (!username || !password) throw new StanzaError('not-acceptable', 'user name and password are needed')
  const account = host.accounts.address(username)
  if (!account) throw new StanzaError('jid-malformed', 'that cannot be a user name')
  checkPassword(host.accounts, password, minPasswordLength)
  const isTaken =
    (await host.accounts.exists(account)) || (keepNames && (await host.accounts.wasRemoved(account)))
  if (isTaken) throw nameTaken()
  if (!limit.allows(stream.remoteAddress)) {
    throw new StanzaError(
      'resource-constraint',
      'too many accounts were made from your address; try again later',
    )
  }
  if (!(await host.accounts.create(account, password))) throw nameTaken()
  host.log.info('registered', { jid: account.toString(), address: stream.remoteAddress })
}

function nameTaken(): StanzaError {
  return new StanzaError('conflict', 'the name is taken')
}

function reply(stream: XmlStream, request: Element, payload?: Element): void {
  stream.sendElement(
    element(
      'iq',
      'jabber:client',
      { type: 'result', id: request.attribute('id'), from: stream.domain?.domain.toString() },
      payload,
    ),
  )
}
