// XEP-0484: Fast Authentication Streamlining Tokens
import { decimal } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { formatDate } from '../../stanza/delay.ts'
import type { LoginPart, LoginRequest } from '../../stream/sasl/login-step.ts'
import { element } from '../../xml/element.ts'
import { clientAccess } from '../client-access/client-access.ts'
import { fastNamespace, isInvalidation } from './fast-elements.ts'
import { hashedTokenMechanisms } from './hashed-token.ts'
import { type GivenToken, Tokens } from './tokens.ts'

/** Gives clients a token with which they are back after one round trip, and need not keep the password. */
export const fast = defineExtension({
  name: 'fast',
  xep: { number: 484, version: '0.2.0' },
  needs: { clientAccess },
  options: {
    validDays: decimal(30, 'days for which a token is good; a client that comes meanwhile gets a new one', {
      min: 0.001,
    }),
    rotateDays: decimal(1, 'days after which a token that is used is replaced'),
  },
  setup(host, { clientAccess }, options) {
    const tokens = new Tokens(host, clientAccess.clients, options)
    const mechanisms = hashedTokenMechanisms(tokens)
    for (const mechanism of mechanisms) host.offerMechanism(mechanism)
    host.offerAtLogin({
      advertise(stream) {
        const usable = mechanisms.filter((mechanism) => mechanism.isOffered(stream))
        const names = usable.map(({ name }) => element('mechanism', fastNamespace, {}, name))
        return names.length === 0 ? undefined : element('fast', fastNamespace, {}, ...names)
      },
      run: (login) => give(tokens, login, mechanisms),
    })
  },
})

/** §3.3, §3.5: a token for who asks for one, or whose own is due to be replaced. */
async function give(
  tokens: Tokens,
  login: LoginRequest,
  mechanisms: readonly { readonly name: string }[],
): Promise<LoginPart | undefined> {
  const { means, userAgent, request } = login
  if (userAgent.id === undefined || means === 'guest') return undefined
  const wished = request.child('request-token', fastNamespace)?.attribute('mechanism')
  if (wished !== undefined && mechanisms.some(({ name }) => name === wished))
    return tokenPart(await tokens.give(login, userAgent.id, wished))
  // §3.6: who wants to be forgotten gets nothing new.
  if (means !== 'token' || isInvalidation(request)) return undefined
  return tokenPart(await tokens.renew(login, userAgent.id, login.mechanism))
}

function tokenPart(given: GivenToken | undefined): LoginPart | undefined {
  if (!given) return undefined
  const { token, expires } = given
  return { element: element('token', fastNamespace, { token, expiry: formatDate(expires) }) }
}
