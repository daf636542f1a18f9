// `balcony start` and `balcony dev`: a server until it is told to stop.
import { systemClock } from '../base/clock.ts'
import { obeyOrders } from './account-orders.ts'
import type { LoadedConfig } from './config-source.ts'
import { untilStopped } from './lifetime.ts'
import { makeLog } from './log.ts'
import { dataFile } from './open-server.ts'
import { applyChanges, type Served, serve } from './serve.ts'
import { trafficTo } from './traffic.ts'

/** How long connections have to end before the server goes without them. */
const closeTimeoutMs = 10_000

/** What a command that serves is lent. */
export interface StartParts {
  readonly process: NodeJS.Process
  /** Reads the configuration again. */
  readonly reload: () => Promise<LoadedConfig>
}

/** Serves until a signal ends it; the exit code is 0 if that went well. */
export async function start(loaded: LoadedConfig, parts: StartParts): Promise<number> {
  const { process } = parts
  const log = makeLog(loaded.config.log, process.stdout)
  const served = await serve(loaded, { log, clock: systemClock, tap: trafficTo(process.stdout) })
  process.stderr.write(welcome(loaded, served))
  log.info('started', {
    domains: loaded.domains.map(({ domain }) => domain),
    listening: served.listening.map(({ host, port }) => `${host}:${port}`),
  })
  const obeyNoMore = obeyOrders(
    served.server.hosts.filter((host) => !host.hasService),
    { clock: systemClock, log },
  )
  let current = loaded
  const wasAsked = await untilStopped(
    process,
    {
      async reload() {
        try {
          const after = await parts.reload()
          await applyChanges(served, { before: current, after }, { log, clock: systemClock })
          current = after
        } catch (error) {
          log.error('configuration not read again, the old one stays', {
            reason: String((error as Error).message),
          })
        }
      },
      async stop(reason, error) {
        if (error === undefined) log.info('stopping', { reason })
        else log.error('stopping', { reason, error })
        obeyNoMore()
        systemClock.after(closeTimeoutMs, () => process.exit(1))
        await served.server.close()
        log.info('stopped')
      },
      giveUp: () => process.exit(1),
    },
    systemClock,
  )
  return wasAsked ? 0 : 1
}

/** What is said to the person who starts a server. */
function welcome(loaded: LoadedConfig, { listening, certificates, firstAccount }: Served): string {
  const rows: [string, string][] = loaded.domains.map(({ domain, services }) => {
    const rooms = services.find(({ kind }) => kind === 'rooms')
    return ['domain', rooms ? `${domain}, rooms at ${rooms.domain}` : domain]
  })
  for (const { kind, host, port } of listening) {
    const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    // Where web chat is served a browser is to know the page by the name of the domain.
    if (kind === 'http' || kind === 'https')
      rows.push(['web', `${kind}://${at.replace('127.0.0.1', 'localhost')}`])
    else rows.push(['clients', `${at} ${kind === 'starttls' ? '(STARTTLS)' : '(TLS from the start)'}`])
  }
  for (const [domain, { origin, file, x509 }] of certificates) {
    const how = origin === 'made' ? `made for ${domain}; clients will ask about it` : ''
    rows.push(['certificate', [how, file].filter(Boolean).join(': ')])
    if (origin !== 'file') rows.push(['', `SHA-256 ${x509.fingerprint256}`])
  }
  rows.push(['data', loaded.config.storage === 'memory' ? 'in memory, gone at the end' : dataFile(loaded)])
  rows.push(['settings', loaded.file ?? 'defaults (no balcony.config.ts or balcony.config.json here)'])
  for (const [name, password] of Object.entries(loaded.config.accounts)) {
    rows.push(['account', `${name}@${loaded.config.domain}  password ${password}`])
  }
  if (firstAccount) {
    rows.push(['account', `${firstAccount.address}  password ${firstAccount.password}`])
    rows.push(['', 'shown only this once; “balcony account passwd” changes it'])
  }
  return `\n${rows.map(([name, value]) => `  ${name.padEnd(12)}${value}\n`).join('')}\n`
}
