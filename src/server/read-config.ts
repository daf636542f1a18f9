// From a configuration as it was written to what is to be served, with every fault found on the way.
import { z } from 'zod'
import type { Extension } from '../host/extension.ts'
import { type Config, type ConfigInput, configSchema, type HostSettings, hostSchema } from './config.ts'
import { ConfigError, type ConfigFault, faultsOf, pathText, suggestion } from './config-faults.ts'

/** The extensions that a configuration can name. */
export interface Catalog {
  /** Loaded for every domain with accounts unless left out. */
  readonly usual: readonly Extension[]
  /** Loaded for every domain of rooms unless left out. */
  readonly rooms: readonly Extension[]
  /** Loaded for every domain of nodes unless left out. */
  readonly pubsub: readonly Extension[]
  /** Loaded where the configuration says so. */
  readonly optional: readonly Extension[]
}

/** One domain with accounts, its rooms and its nodes. */
export interface DomainPlan {
  readonly domain: string
  readonly settings: HostSettings
  /** Domain of the room service, if there is one. */
  readonly rooms: string | undefined
  /** Domain of the pubsub service, if there is one. */
  readonly pubsub: string | undefined
  /** Bare addresses. */
  readonly admins: readonly string[]
  readonly extensions: readonly Extension[]
  readonly roomExtensions: readonly Extension[]
  readonly pubsubExtensions: readonly Extension[]
  /** By the name of the extension. */
  readonly options: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What is to be served. */
export interface ServerPlan {
  readonly config: Config
  /** The main domain first. */
  readonly domains: readonly DomainPlan[]
}

/**
 * Reads a configuration.
 * @param own extensions that the configuration brings, beside those of the catalog
 * @throws ConfigError with all that is wrong with it
 */
export function readConfig(input: unknown, catalog: Catalog): ServerPlan {
  const parsed = configSchema.safeParse(input)
  const faults = parsed.success ? [] : faultsOf(parsed.error, configSchema, input)
  faults.push(...extensionFaults(input, catalog))
  if (!parsed.success) throw new ConfigError(faults)
  const config = parsed.data
  const domains = [planDomain(config, config.domain, config, catalog)]
  for (const domain of Object.keys(config.hosts)) {
    domains.push(planDomain(config, domain, inherit(input as ConfigInput, domain), catalog))
  }
  faults.push(...nameFaults(domains))
  if (faults.length > 0) throw new ConfigError(faults)
  return { config, domains }
}

/** What holds for a further domain: its own, else what stands outside, but for what belongs to one domain alone. */
function inherit(input: ConfigInput, domain: string): HostSettings {
  const { admins, extensions, createOnLogin } = input
  const unlessFalse = (service: string | false | undefined) => (service === false ? false : undefined)
  const services = { rooms: unlessFalse(input.rooms), pubsub: unlessFalse(input.pubsub) }
  const outside = { admins, extensions, createOnLogin, ...services }
  return hostSchema.parse({ ...outside, ...input.hosts?.[domain] })
}

function planDomain(config: Config, domain: string, settings: HostSettings, catalog: Catalog): DomainPlan {
  const firstAdmin = config.firstAccount === false ? [] : [`${config.firstAccount}@${config.domain}`]
  const isWanted = (extension: Extension) => settings.extensions[extension.name] !== false
  const optional = catalog.optional.filter(({ name }) => (settings.extensions[name] ?? false) !== false)
  const options = Object.entries(settings.extensions).filter(([, value]) => typeof value === 'object')
  return {
    domain,
    settings,
    rooms: settings.rooms === false ? undefined : (settings.rooms ?? `rooms.${domain}`),
    pubsub: settings.pubsub === false ? undefined : (settings.pubsub ?? `pubsub.${domain}`),
    admins: settings.admins ?? firstAdmin,
    extensions: [...catalog.usual.filter(isWanted), ...optional],
    roomExtensions: catalog.rooms.filter(isWanted),
    pubsubExtensions: catalog.pubsub.filter(isWanted),
    options: Object.fromEntries(options) as DomainPlan['options'],
  }
}

function extensionFaults(input: unknown, catalog: Catalog): ConfigFault[] {
  const written = input as {
    extensions?: unknown
    hosts?: Record<string, { extensions?: unknown } | undefined>
  }
  const faults = faultsOfExtensions(written?.extensions, ['extensions'], catalog)
  if (typeof written?.hosts !== 'object' || written.hosts === null) return faults
  for (const [domain, host] of Object.entries(written.hosts)) {
    faults.push(...faultsOfExtensions(host?.extensions, ['hosts', domain, 'extensions'], catalog))
  }
  return faults
}

function faultsOfExtensions(extensions: unknown, path: readonly string[], catalog: Catalog): ConfigFault[] {
  if (typeof extensions !== 'object' || extensions === null) return []
  const known = [...catalog.usual, ...catalog.rooms, ...catalog.pubsub, ...catalog.optional]
  return Object.entries(extensions).flatMap(([name, options]): ConfigFault[] => {
    const extension = known.find((candidate) => candidate.name === name)
    if (!extension) {
      const names = known.map((candidate) => candidate.name)
      return [
        { path: pathText([...path, name]), message: `there is no such extension${suggestion(name, names)}` },
      ]
    }
    if (typeof options !== 'object' || options === null) return []
    const schema = z.strictObject({ ...extension.options })
    const parsed = schema.safeParse(options)
    return parsed.success ? [] : faultsOf(parsed.error, schema, options, [...path, name])
  })
}

function nameFaults(domains: readonly DomainPlan[]): ConfigFault[] {
  const all = domains.flatMap(({ domain, rooms, pubsub }) => [domain, rooms, pubsub])
  const names = all.filter((name) => name !== undefined)
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...twice].map((name) => ({ path: '', message: `the domain ${name} is used for two things` }))
}
