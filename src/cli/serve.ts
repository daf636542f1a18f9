// A server that is run: certificates, listeners and first accounts, as the configuration says, and what a change of it does.
import { networkInterfaces } from 'node:os'
import { join, resolve } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { jid } from '../jid/jid.ts'
import { hostLimitsOf, streamLimitsOf } from '../server/config-limits.ts'
import type { ListenerKind } from '../server/listeners.ts'
import type { DomainPlan } from '../server/read-config.ts'
import type { Server } from '../server/server.ts'
import type { Tap } from '../stream/tapped-transport.ts'
import {
  type Certificate,
  daysLeft,
  keptCertificate,
  newCertificate,
  readAuthorities,
  readCertificate,
} from './certificates.ts'
import { CommandError, explainSystemError } from './command-error.ts'
import type { LoadedConfig } from './config-source.ts'
import type { CommandLog } from './log.ts'
import { dataFolder, openServer } from './open-server.ts'
import { makePassword } from './passwords.ts'

/** Where a server listens. */
export interface Listening {
  readonly kind: ListenerKind
  readonly host: string
  readonly port: number
}

/** What came of a start. */
export interface Served {
  readonly server: Server
  readonly listening: readonly Listening[]
  /** By domain. */
  readonly certificates: ReadonlyMap<string, Certificate>
  /** The account that was made because there was none. */
  readonly firstAccount: { readonly address: string; readonly password: string } | undefined
}

/** What serving needs from outside. */
export interface ServeParts {
  readonly log: CommandLog
  readonly clock: Clock
  readonly tap?: Tap
}

/**
 * Starts a server and everything around it.
 * @throws CommandError where a file or a port is in the way
 */
export async function serve(loaded: LoadedConfig, parts: ServeParts): Promise<Served> {
  const { log, clock } = parts
  const server = await openServer(loaded, parts)
  try {
    const certificates = await useCertificates(server, loaded, clock, log)
    await makeAccounts(server, loaded.domains)
    const firstAccount = await makeFirstAccount(server, loaded)
    return { server, listening: await listen(server, loaded), certificates, firstAccount }
  } catch (error) {
    await server.close()
    throw error
  }
}

/** Reads all certificates, or makes them, and hands them to the server; all or none. */
async function useCertificates(
  server: Server,
  loaded: LoadedConfig,
  clock: Clock,
  log: CommandLog,
): Promise<Map<string, Certificate>> {
  const certificates = new Map<string, Certificate>()
  for (const plan of loaded.domains) certificates.set(plan.domain, await certificateOf(plan, loaded, clock))
  server.setClientAuthorities(clientAuthorities(loaded))
  for (const [domain, certificate] of certificates) {
    server.setTls(domain, { cert: certificate.cert, key: certificate.key })
    const days = daysLeft(certificate.x509, clock.now())
    if (days < 14) log.warn('certificate ends soon', { domain, days, file: certificate.file })
  }
  return certificates
}

function clientAuthorities({ config, folder }: LoadedConfig): string[] {
  const { clientAuthorities: file } = config.login
  if (file === undefined) return []
  return [readAuthorities(resolve(folder, file))]
}

async function certificateOf(plan: DomainPlan, loaded: LoadedConfig, clock: Clock): Promise<Certificate> {
  const { tls } = plan.settings
  if (!tls && loaded.config.storage === 'memory') return newCertificate(plan.domain, clock.now())
  if (!tls) return keptCertificate(plan.domain, join(dataFolder(loaded), 'certificates'), clock.now())
  const files = {
    certificate: resolve(loaded.folder, tls.certificate),
    key: resolve(loaded.folder, tls.key),
  }
  return readCertificate(files)
}

/** Accounts that the configuration itself names, for test servers. */
async function makeAccounts(server: Server, domains: readonly DomainPlan[]): Promise<void> {
  for (const { domain, settings } of domains) {
    const host = server.host(domain)
    for (const [name, password] of Object.entries(settings.accounts)) {
      const account = host?.accounts.address(name)
      if (!account) throw new CommandError(`accounts.${name}: “${name}” cannot be the name of an account`)
      if (!host?.accounts.isPossiblePassword(password))
        throw new CommandError(`accounts.${name}: that cannot be a password`)
      await host.accounts.create(account, password)
    }
  }
}

async function makeFirstAccount(server: Server, { config }: LoadedConfig): Promise<Served['firstAccount']> {
  const host = server.host(config.domain)
  if (!host || config.firstAccount === false) return undefined
  if ((await host.accounts.list({ limit: 1 })).length > 0) return undefined
  const account = host.accounts.address(config.firstAccount)
  if (!account)
    throw new CommandError(`firstAccount: “${config.firstAccount}” cannot be the name of an account`)
  const password = makePassword()
  await host.accounts.create(account, password)
  return { address: account.toString(), password }
}

/** `::` stands for IPv4 too, but only where the machine has IPv6 at all. */
function everyAddress(): string {
  const addresses = Object.values(networkInterfaces()).flat()
  return addresses.some((address) => address?.family === 'IPv6') ? '::' : '0.0.0.0'
}

/** Where a configuration wants to listen. */
export function listenersOf({ config }: LoadedConfig): Listening[] {
  const { address, starttls, directTls, https, http, httpAddress } = config.listen
  const host = address ?? (config.domain === 'localhost' ? '127.0.0.1' : everyAddress())
  const listeners: Listening[] = []
  if (starttls !== false) listeners.push({ kind: 'starttls', host, port: starttls })
  if (directTls !== false) listeners.push({ kind: 'direct-tls', host, port: directTls })
  if (https !== false) listeners.push({ kind: 'https', host, port: https })
  if (http !== false) listeners.push({ kind: 'http', host: httpAddress, port: http })
  return listeners
}

async function listen(server: Server, loaded: LoadedConfig): Promise<Listening[]> {
  const listening: Listening[] = []
  for (const wanted of listenersOf(loaded)) {
    const { port } = await listenOn(server, wanted)
    listening.push({ ...wanted, port })
  }
  return listening
}

async function listenOn(server: Server, wanted: Listening): Promise<{ readonly port: number }> {
  try {
    return await server.listen(wanted)
  } catch (error) {
    throw new CommandError(explainSystemError(error) ?? `cannot listen on port ${wanted.port}: ${error}`, {
      cause: error,
    })
  }
}

/** Lets a running server have what may change while it runs; says what may not. */
export async function applyChanges(
  served: Served,
  { before, after }: { readonly before: LoadedConfig; readonly after: LoadedConfig },
  { log, clock }: ServeParts,
): Promise<void> {
  await useCertificates(served.server, after, clock, log)
  log.setLevel(after.config.log.level)
  for (const { domain, services, admins } of after.domains) {
    for (const name of [domain, ...services.map((service) => service.domain)])
      served.server.host(name)?.setAdmins(admins.map(jid))
  }
  const { limits } = after.config
  served.server.setLimits({ streams: streamLimitsOf(limits), hosts: hostLimitsOf(limits) })
  const waiting = changedPaths(before.config, after.config).filter((path) => !changesAtOnce.test(path))
  if (waiting.length > 0) log.warn('these changes need a restart', { options: waiting })
  log.info('configuration read again', { file: after.file })
}

const changesAtOnce = /^(hosts\[?.*\]?\.)?(admins|tls|limits\.(?!http)\w+|log\.level)\b/

function changedPaths(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap((key) => changedPaths(before[key], after[key], [...path, key]))
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path.join('.')]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
