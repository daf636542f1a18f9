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
  #standard: SecureContext | undefined

  /**
   * Sets, or replaces, the certificate of a domain; `''` sets the one for all domains that have none.
   * Without that, the first one set is for all others.
   * @throws Error if key and certificate cannot be read or do not belong together
   */
  set(domain: string, { key, cert }: Certificate): void {
    // RFC 7590 §3.1 by way of RFC 9325 §3.1.1: nothing below TLS 1.2.
    const context = createSecureContext({
      key: Buffer.from(key),
      cert: Buffer.from(cert),
      minVersion: 'TLSv1.2',
    })
    const isFirst = this.#contextByDomain.size === 0
    this.#contextByDomain.set(nameOf(domain), context)
    if (domain === '' || isFirst) this.#standard = context
  }

  /** Whether there is any. */
  get isEmpty(): boolean {
    return this.#contextByDomain.size === 0
  }

  contextOf(domain: string): SecureContext | undefined {
    return this.#contextByDomain.get(nameOf(domain)) ?? this.#contextByDomain.get('') ?? this.#standard
  }
}

/** SNI has domains in ASCII, stream headers have them prepared. */
function nameOf(domain: string): string {
  return domain === '' ? '' : (Jid.of('', domain)?.domain ?? domain)
}
