// The certificates of the domains, as contexts for TLS; replaced while the server runs.
import { createSecureContext, type SecureContext } from 'node:tls'
import type { SecureContexts } from '../stream/tcp.ts'

/** A certificate chain and its key, PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** TLS contexts by domain. */
export class Certificates implements SecureContexts {
  readonly #contextByDomain = new Map<string, SecureContext>()

  /**
   * Sets or replaces the certificate of a domain.
   * @throws Error if certificate and key do not fit together
   */
  set(domain: string, { cert, key }: KeyPair): void {
    this.#contextByDomain.set(domain, createSecureContext({ cert, key, minVersion: 'TLSv1.2' }))
  }

  /** The context of a domain, of a domain above it, or else the first that was set. */
  contextOf(domain: string): SecureContext | undefined {
    for (let name = domain.toLowerCase(); name !== ''; name = parentOf(name)) {
      const context = this.#contextByDomain.get(name)
      if (context) return context
    }
    return this.#contextByDomain.values().next().value
  }
}

function parentOf(domain: string): string {
  const dot = domain.indexOf('.')
  return dot < 0 ? '' : domain.slice(dot + 1)
}
