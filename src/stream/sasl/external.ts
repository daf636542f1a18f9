// XEP-0178 §2, RFC 4422 appendix A: EXTERNAL, with the certificate that the client showed in the TLS handshake.
import { type Jid, parseJid } from '../../jid/jid.ts'
import type { XmlStream } from '../stream.ts'
import { type Mechanism, type SaslContext, type SaslExchange, type SaslStep, textOf } from './mechanism.ts'

/** The mechanism EXTERNAL, offered to clients whose certificate is trusted and names an account of the domain. */
export const external: Mechanism = {
  name: 'EXTERNAL',
  isOffered: (stream) => accountsOf(stream).length > 0,
  begin: (context) => new ExternalExchange(context),
}

/** The accounts of the stream's domain that the client's certificate names. */
function accountsOf(stream: XmlStream): readonly Jid[] {
  const domain = stream.domain?.domain.domain
  const addresses = stream.certificateAddresses.map(parseJid)
  return addresses.filter(
    (address): address is Jid =>
      address !== undefined && address.local !== '' && address.isBare && address.domain === domain,
  )
}

class ExternalExchange implements SaslExchange {
  user: Jid | undefined
  readonly #context: SaslContext

  constructor(context: SaslContext) {
    this.#context = context
  }

  async next(message: Buffer): Promise<SaslStep> {
    const text = textOf(message)
    if (text === undefined || text.includes('\0')) return { failure: 'malformed-request' }
    const accounts = accountsOf(this.#context.stream)
    const wished = text === '' ? undefined : parseJid(text)
    const user = text === '' ? accounts[0] : accounts.find((account) => account.equals(wished))
    // §2 step 11: with several addresses, or another than those of the certificate, it must be said which.
    if (!user || (text === '' && accounts.length > 1)) return { failure: 'invalid-authzid' }
    this.user = user
    const exists = await this.#context.domain.credentials.exists?.(user)
    return exists === false ? { failure: 'not-authorized' } : { login: { user, means: 'certificate' } }
  }
}
