// The certificates of a server, by domain; they may be replaced while it runs.
import { createSecureContext, type SecureContext } from 'node:tls'
import { Jid } from '../jid/jid.ts'
import type { SecureContexts } from './tcp.ts'

/** A private key and the certificates that go with it, as PEM; the own certificate first. */
export interface Certificate {
  readonly key: string | Uint8Array
  readonly cert: string | Uint8Array
}

/**
 * RFC 9325 §4.2, and what is built like it: forward secrecy and authenticated encryption only. TLS 1.3 has nothing else.
 */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** Certificates by domain. Connections that are open keep what they began with. */
export class Certificates implements SecureContexts {
  readonly #certificateByDomain = new Map<string, Certificate>()
  readonly #contextByDomain = new Map<string, SecureContext>()
  #authorities: readonly string[] = []

  /** Whether clients may show certificates of their own. */
  get asksForCertificates(): boolean {
    return this.#authorities.length > 0
  }

  /**
   * Sets, or replaces, the certificate of a domain.
   * @throws Error if key and certificate cannot be read or do not belong together
   */
  set(domain: string, certificate: Certificate): void {
    const name = nameOf(domain)
    this.#contextByDomain.set(name, contextFor(certificate, this.#authorities))
    this.#certificateByDomain.set(name, certificate)
  }

  /**
   * Says whose signatures make certificates of clients trustworthy (XEP-0178), PEM each; with none, clients are not asked.
   * @throws Error if one cannot be read
   */
  trustClients(authorities: readonly string[]): void {
    const contexts = [...this.#certificateByDomain].map(
      ([name, certificate]) => [name, contextFor(certificate, authorities)] as const,
    )
    this.#authorities = [...authorities]
    for (const [name, context] of contexts) this.#contextByDomain.set(name, context)
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

function contextFor({ key, cert }: Certificate, authorities: readonly string[]): SecureContext {
  return createSecureContext({
    key: Buffer.from(key),
    cert: Buffer.from(cert),
    ca: [...authorities],
    ciphers,
    honorCipherOrder: true,
    // RFC 7590 §3.1 by way of RFC 9325 §3.1.1: nothing below TLS 1.2.
    minVersion: 'TLSv1.2',
  })
}

/** SNI has domains in ASCII, stream headers have them prepared. */
function nameOf(domain: string): string {
  return domain === '' ? '' : (Jid.of('', domain)?.domain ?? domain)
}

function parentOf(domain: string): string {
  const dot = domain.indexOf('.')
  return dot < 0 ? '' : domain.slice(dot + 1)
}
