// XEP-0077: In-Band Registration
import { AttemptLimit } from '../../base/attempt-limit.ts'
import { flag, integer, text } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { AnswerThen } from '../../host/iq.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { registerNamespace } from '../../stanza/namespaces.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { networkOf } from '../../stream/caps.ts'
import { element } from '../../xml/element.ts'
import { registered } from './register-elements.ts'
import { closedRegistration, registrationFeature } from './registration-feature.ts'
import { checkPassword, parseSubmission } from './submission.ts'

const hourMs = 3_600_000

/** Lets people make accounts, where the host allows it, and account owners change the password or leave. */
export const register = defineExtension({
  name: 'register',
  xep: { number: 77, version: '2.4' },
  options: {
    open: flag(false, 'anybody may make an account'),
    perHour: integer(5, 'accounts made from one address in an hour; 0 for no limit'),
    minPasswordLength: integer(8, 'characters of a new password, at least', { min: 1 }),
    canCancel: flag(true, 'owners may remove their account'),
    keepNames: flag(
      true,
      'nobody registers the name of an account that was removed; administrators can add it',
    ),
    instructions: text('Choose a user name and a password.', 'what the form says'),
  },
  setup(host, _apis, options) {
    const limit = new AttemptLimit({ attempts: options.perHour, windowMs: hourMs }, host.clock)
    const allows = (address: string) => limit.take(networkOf(address))
    host.offer(options.open ? registrationFeature(host, options, { allows }) : closedRegistration)
    // §10: who has logged in can change the password in any case.
    host.advertise(registerNamespace)
    const get = (iq: Iq) => registered(ownAccount(host, iq).local)
    const set = (iq: Iq) => change(host, options, iq)
    host.iq.get(registerNamespace, 'query', get)
    host.iq.set(registerNamespace, 'query', set)
    host.account.iq.get(registerNamespace, 'query', get)
    host.account.iq.set(registerNamespace, 'query', set)
  },
})

/** What an option set says about passwords and leaving. */
interface ChangeRules {
  readonly minPasswordLength: number
  readonly canCancel: boolean
}

/** XEP-0077 §3.2 and §3.3: the owner leaves, or changes the password. */
async function change(host: ScopedHost, rules: ChangeRules, iq: Iq): Promise<AnswerThen | undefined> {
  const account = ownAccount(host, iq)
  const submission = parseSubmission(iq.payload ?? element('query', registerNamespace))
  if (submission.isRemoval) {
    if (!rules.canCancel) throw new StanzaError('not-allowed', 'accounts are removed by the administrators')
    await host.accounts.erase(account)
    return new AnswerThen(undefined, () => host.accounts.endSessions(account))
  }
  if (
    submission.username !== undefined &&
    host.accounts.address(submission.username)?.local !== account.local
  ) {
    throw new StanzaError('not-allowed', 'that is not your account')
  }
  if (!submission.password) throw new StanzaError('bad-request', 'there is no new password')
  checkPassword(host.accounts, submission.password, rules.minPasswordLength)
  await host.accounts.setPassword(account, submission.password)
  return undefined
}

function ownAccount(host: ScopedHost, iq: Iq): Jid {
  if (iq.from.domain !== host.domain.domain || iq.from.local === '') {
    throw new StanzaError('not-allowed', 'only accounts of this host')
  }
  return iq.from.bare
}
