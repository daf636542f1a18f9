// The certificates of a server, by domain; they may be replaced while it runs.
import { createSecureContext, type SecureContext } from 'node:tls'
import { Jid } from '../jid/jid.ts'
import type { SecureContexts } from './tcp.ts'

/** A private key and the certificates that go with it, as PEM; the own certificate first. */
export interface Certificate {
  readonly key: string | Uint8Array
  readonly cert: string | Uint8Array
}

/** Certificates by domain. Connections that are open keep what they began with. */
export class Certificates implements SecureContexts {
  readonly #contextByDomain = new Map<string, SecureContext>()

  /**
   * Sets, or replaces, the certificate of a domain.
   * @throws Error if key and certificate cannot be read or do not belong together
   */
  set(domain: string, { key, cert }: Certificate): void {
    // RFC 7590 §3.1 by way of RFC 9325 §3.1.1: nothing below TLS 1.2.
    const context = createSecureContext({
      key: Buffer.from(key),
      cert: Buffer.from(cert),
      minVersion: 'TLSv1.2',
    })
    this.#contextByDomain.set(nameOf(domain), context)
  }

  /** The context of a domain, of a domain above it, or else the first that was set. */
  contextOf(domain: string): SecureContext | undefined {
    for (let name = nameOf(domain); name !== ''; name = parentOf(name)) {
      const context = this.#contextByDomain.get(name)
      if (context) return context
    }
    return this.#contextByDomain.values().next().value
  }
}

/** SNI has domains in ASCII, stream headers have them prepared. */
function nameOf(domain: string): string {
  return domain === '' ? '' : (Jid.of('', domain)?.domain ?? domain)
}

function parentOf(domain: string): string {
  const dot = domain.indexOf('.')
  return dot < 0 ? '' : domain.slice(dot + 1)
}
