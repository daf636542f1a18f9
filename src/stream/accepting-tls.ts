// TLS on a connection that was accepted: which certificate is shown, which ciphers will do.
import type { SecureContext, TLSSocketOptions } from 'node:tls'
import type { SecureContexts } from './tcp.ts'

/** How TLS is accepted: with the certificate that the peer asks for (SNI), or else that of `domain`. */
export function acceptingTls(contexts: SecureContexts, domain: string): TLSSocketOptions {
  const secureContext = contexts.contextOf(domain)
  return {
    isServer: true,
    ...(secureContext && { secureContext }),
    SNICallback: (name: string, answer: (error: Error | null, context?: SecureContext) => void) =>
      answer(null, contexts.contextOf(name) ?? secureContext),
  }
}
