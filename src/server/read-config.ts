// From a configuration as it was written to what is to be served, with every fault found on the way.
import { z } from 'zod'
import type { Extension } from '../host/extension.ts'
import {
  type Config,
  type ConfigInput,
  configSchema,
  type HostSettings,
  hostSchema,
  type ServiceKind,
  serviceKinds,
} from './config.ts'
import { ConfigError, type ConfigFault, faultsOf, pathText, suggestion } from './config-faults.ts'

/** The extensions that a configuration can name. */
export interface Catalog {
  /** Loaded for every domain with accounts unless left out. */
  readonly usual: readonly Extension[]
  /** Loaded for every domain of a kind of service unless left out. */
  readonly services: Readonly<Record<ServiceKind, readonly Extension[]>>
  /** Loaded where the configuration says so. */
  readonly optional: readonly Extension[]
}

/** A domain that belongs to one with accounts, and answers itself. */
export interface ServicePlan {
  readonly kind: ServiceKind
  readonly domain: string
  readonly extensions: readonly Extension[]
}

/** One domain with accounts, and its services. */
export interface DomainPlan {
  readonly domain: string
  readonly settings: HostSettings
  readonly services: readonly ServicePlan[]
  /** Bare addresses. */
  readonly admins: readonly string[]
  readonly extensions: readonly Extension[]
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
  const services = Object.fromEntries(
    serviceKinds.map((kind) => [kind, input[kind] === false ? false : undefined]),
  )
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
    services: serviceKinds.flatMap((kind) => {
      const name = settings[kind] ?? `${kind}.${domain}`
      return name === false ? [] : { kind, domain: name, extensions: catalog.services[kind].filter(isWanted) }
    }),
    admins: settings.admins ?? firstAdmin,
    extensions: [...catalog.usual.filter(isWanted), ...optional],
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
  const known = [...catalog.usual, ...Object.values(catalog.services).flat(), ...catalog.optional]
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
  const names = domains.flatMap(({ domain, services }) => [
    domain,
    ...services.map((service) => service.domain),
  ])
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...twice].map((name) => ({ path: '', message: `the domain ${name} is used for two things` }))
}
