// `balcony check`: would the server start, and for how long are its certificates good?
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { sqlite } from '../storage/sqlite.ts'
import { daysLeft, readCertificate } from './certificates.ts'
import { explainSystemError } from './command-error.ts'
import type { LoadedConfig } from './config-source.ts'
import { dataFile, dataFolder } from './open-server.ts'
import { listenersOf } from './serve.ts'

/** One thing that was looked at. */
export interface Finding {
  readonly verdict: 'good' | 'careful' | 'bad'
  readonly text: string
}

/** Looks at everything that a start needs, without changing anything. The configuration itself has been read. */
export async function findings(loaded: LoadedConfig, nowMs: number): Promise<Finding[]> {
  const found: Finding[] = [{ verdict: 'good', text: `configuration: ${loaded.file ?? 'defaults'}` }]
  for (const { domain, settings } of loaded.domains) {
    const { tls } = settings
    if (tls) found.push(certificateFinding(domain, loaded.folder, tls, nowMs))
    else if (domain === 'localhost')
      found.push({ verdict: 'good', text: `certificate of ${domain}: made by Balcony` })
    else
      found.push({
        verdict: 'careful',
        text: `certificate of ${domain}: made by Balcony, clients will not trust it`,
      })
  }
  found.push(await storageFinding(loaded))
  for (const { host, port } of listenersOf(loaded)) found.push(await portFinding(host, port))
  if (!loaded.config.login.requireTls && loaded.config.domain !== 'localhost') {
    found.push({ verdict: 'careful', text: 'log-in: possible without encryption (login.requireTls)' })
  }
  return found
}

function certificateFinding(
  domain: string,
  folder: string,
  tls: { readonly certificate: string; readonly key: string },
  nowMs: number,
): Finding {
  const files = { certificate: resolve(folder, tls.certificate), key: resolve(folder, tls.key) }
  try {
    const { x509 } = readCertificate(files)
    const days = daysLeft(x509, nowMs)
    const isFor = x509.checkHost(domain) !== undefined
    const until = x509.validToDate.toISOString().slice(0, 10)
    if (!isFor)
      return { verdict: 'bad', text: `certificate of ${domain}: ${files.certificate} is not for this domain` }
    if (days < 0) return { verdict: 'bad', text: `certificate of ${domain}: ended on ${until}` }
    if (x509.validFromDate.getTime() > nowMs)
      return { verdict: 'bad', text: `certificate of ${domain}: not valid yet` }
    return {
      verdict: days < 14 ? 'careful' : 'good',
      text: `certificate of ${domain}: good until ${until} (${days} days)`,
    }
  } catch (error) {
    return { verdict: 'bad', text: `certificate of ${domain}: ${reasonOf(error)}` }
  }
}

async function storageFinding(loaded: LoadedConfig): Promise<Finding> {
  if (loaded.config.storage === 'memory')
    return { verdict: 'careful', text: 'storage: memory, nothing is kept' }
  const file = dataFile(loaded)
  try {
    if (!existsSync(file)) {
      accessSync(existing(dataFolder(loaded)), constants.W_OK)
      return { verdict: 'good', text: `storage: ${file} will be made` }
    }
    if ((statSync(file).mode & 0o077) !== 0) {
      return { verdict: 'careful', text: `storage: ${file} can be read by others (chmod 600 it)` }
    }
    const driver = sqlite(file, { isShared: true })
    await driver.keyValue('check').get('')
    await driver.close()
    return { verdict: 'good', text: `storage: ${file}` }
  } catch (error) {
    return { verdict: 'bad', text: `storage: ${reasonOf(error)}` }
  }
}

/** The folder itself, or the nearest one above it that is there. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder))
}

function portFinding(host: string, port: number): Promise<Finding> {
  const { promise, resolve: settle } = Promise.withResolvers<Finding>()
  const probe = createServer()
  probe.once('error', (error) => settle({ verdict: 'bad', text: reasonOf(error) }))
  probe.listen({ host, port }, () => {
    probe.close(() =>
      settle({ verdict: 'good', text: port === 0 ? 'port: any free one' : `port ${port}: free` }),
    )
  })
  return promise
}

function reasonOf(error: unknown): string {
  return explainSystemError(error) ?? (error instanceof Error ? error.message : String(error))
}
