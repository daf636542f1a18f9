// A certificate for servers that speak TLS in a scenario: ECDSA, P-256, signed by itself.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { domain } from '../generator/login.ts'

/** What `writeCertificate` writes into the folder: the certificate, its key, and both in one file. */
export const certificateFile = 'bench.crt'
export const keyFile = 'bench.key'
export const bothFile = 'bench.pem'

/** Writes a certificate for the benchmark's domain into the folder. */
export async function writeCertificate(folder: string): Promise<void> {
  // Loaded only here: a server that only reads the files is not to hold the program that makes them.
  const { makeCertificate } = await import('../../src/cli/certificates.ts')
  const { cert, key } = await makeCertificate(domain, Date.now())
  await writeFile(join(folder, certificateFile), cert)
  await writeFile(join(folder, keyFile), key)
  await writeFile(join(folder, bothFile), `${cert}\n${key}`)
}
