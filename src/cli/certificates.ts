// The certificate of a domain: from files, or one that was made here and is kept.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from './command-error.ts'

/** A certificate with its key, PEM both. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly x509: X509Certificate
  readonly origin: 'file' | 'kept' | 'made'
  /** `undefined` if it is nowhere but in memory. */
  readonly file: string | undefined
}

const dayMs = 86_400_000
// Apple's systems take nothing that is valid for longer.
const madeForDays = 825
const renewBeforeDays = 30

/**
 * Reads a certificate and its key.
 * @throws CommandError if one of them is not what it should be, or they do not belong together
 */
export function readCertificate(files: { readonly certificate: string; readonly key: string }): Certificate {
  const cert = readFileSync(files.certificate, 'utf8')
  const key = readFileSync(files.key, 'utf8')
  let x509: X509Certificate
  try {
    x509 = new X509Certificate(cert)
  } catch (error) {
    throw new CommandError(`${files.certificate} holds no certificate (PEM)`, { cause: error })
  }
  if (!isKeyOf(x509, key, files.key)) {
    throw new CommandError(`${files.key} is not the key of the certificate ${files.certificate}`)
  }
  return { cert, key, x509, origin: 'file', file: files.certificate }
}

/**
 * Reads the certificates of those who sign certificates of clients.
 * @throws CommandError if there is none in the file
 */
export function readAuthorities(file: string): string {
  const text = readFileSync(file, 'utf8')
  const all = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    if (all.length > 0 && all.every((pem) => new X509Certificate(pem))) return text
  } catch (error) {
    throw new CommandError(`${file} holds what is no certificate (PEM)`, { cause: error })
  }
  throw new CommandError(`${file} holds no certificate (PEM)`)
}

/**
 * The certificate kept in `folder` for `domain`; made if there is none or it is about to end.
 * Nobody can check who made it, so it is good for the machine itself and for trying things out.
 */
export async function keptCertificate(domain: string, folder: string, nowMs: number): Promise<Certificate> {
  const files = { certificate: join(folder, `${domain}.crt`), key: join(folder, `${domain}.key`) }
  if (existsSync(files.certificate) && existsSync(files.key)) {
    const kept = readCertificate(files)
    if (kept.x509.validToDate.getTime() - nowMs > renewBeforeDays * dayMs) return { ...kept, origin: 'kept' }
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const made = await makeCertificate(domain, nowMs)
  writeFileSync(files.key, made.key, { mode: 0o600 })
  writeFileSync(files.certificate, made.cert, { mode: 0o644 })
  return { ...readCertificate(files), origin: 'made' }
}

/** A certificate for a server that keeps nothing. */
export async function newCertificate(domain: string, nowMs: number): Promise<Certificate> {
  const made = await makeCertificate(domain, nowMs)
  return { ...made, x509: new X509Certificate(made.cert), origin: 'made', file: undefined }
}

/** Makes a certificate that signs itself, for `domain`. */
export async function makeCertificate(domain: string, nowMs: number): Promise<{ cert: string; key: string }> {
  // Loaded only where it is used: at first start, and once in two years.
  const { generate } = await import('selfsigned')
  const addresses = (domain === 'localhost' ? ['127.0.0.1', '::1'] : []).map((ip) => ({
    type: 7 as const,
    ip,
  }))
  const made = await generate([{ name: 'commonName', value: domain }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // Clocks differ.
    notBeforeDate: new Date(nowMs - dayMs),
    notAfterDate: new Date(nowMs + (madeForDays - 1) * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: domain }, ...addresses] },
    ],
  })
  return { cert: made.cert, key: made.private }
}

/** Days until a certificate ends; negative if it has. */
export function daysLeft(x509: X509Certificate, nowMs: number): number {
  return Math.floor((x509.validToDate.getTime() - nowMs) / dayMs)
}

function isKeyOf(x509: X509Certificate, key: string, file: string): boolean {
  try {
    return x509.checkPrivateKey(createPrivateKey(key))
  } catch (error) {
    throw new CommandError(`${file} holds no private key (PEM, without a password)`, { cause: error })
  }
}
