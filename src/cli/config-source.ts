// Where a configuration comes from: a file, the environment, the command line, each going over the one before.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Extension } from '../host/extension.ts'
import type { ConfigInput } from '../server/config.ts'
import { ConfigError } from '../server/config-faults.ts'
import { type Catalog, readConfig, type ServerPlan } from '../server/read-config.ts'
import { badUsage, CommandError } from './command-error.ts'
import { coerce, fromEnvironment, type Setting, withSetting } from './setting.ts'

/** What the command line and the environment say about the configuration. */
export interface ConfigRequest {
  /** The file that was named, if one was. */
  readonly file?: string | undefined
  /** `path=value`, as given with `--set`, and what other flags stand for. */
  readonly settings: readonly Setting[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readonly catalog: Catalog
}

/** A configuration that has been read. */
export interface LoadedConfig extends ServerPlan {
  /** The file it came from, if there is one. */
  readonly file: string | undefined
  /** Where relative paths in it start. */
  readonly folder: string
}

const usualFiles = ['balcony.config.ts', 'balcony.config.json']

/**
 * Finds and reads the configuration.
 * @throws CommandError that says everything that is wrong with it
 */
export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const file = findFile(request)
  const written = file === undefined ? {} : await readConfigFile(file)
  const settings = [...fromEnvironment(request.environment), ...request.settings]
  const input = settings.reduce(withSetting, written)
  const folder = file === undefined ? request.folder : dirname(file)
  const catalog = await withOwnExtensions(request.catalog, input, folder)
  try {
    return { ...readConfig(input, catalog), file, folder }
  } catch (error) {
    throw error instanceof ConfigError ? asCommandError(error, file, settings) : error
  }
}

function findFile({ file, environment, folder }: ConfigRequest): string | undefined {
  const named = file ?? environment.BALCONY_CONFIG
  if (named !== undefined) {
    const path = resolve(folder, named)
    if (!existsSync(path)) throw new CommandError(`there is no file ${path}`, { exitCode: badUsage })
    return path
  }
  const found = usualFiles.map((name) => resolve(folder, name)).filter((path) => existsSync(path))
  if (found.length > 1) {
    throw new CommandError(`there is ${usualFiles.join(' and ')}: say which with --config`, {
      exitCode: badUsage,
    })
  }
  return found[0]
}

/**
 * Reads a file of configuration as it is written.
 * @throws CommandError if it cannot be read
 */
export async function readConfigFile(file: string): Promise<ConfigInput> {
  try {
    if (file.endsWith('.json')) return withoutSchema(JSON.parse(readFileSync(file, 'utf8')))
    // A new address each time, so that a changed file is read again.
    const module = await import(`${pathToFileURL(file)}?read=${Date.now()}`)
    if (module.default === undefined)
      throw new Error('it has no default export: write `export default defineConfig({ … })`')
    return module.default
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new CommandError(`${file}: ${reason}`, { exitCode: badUsage, cause: error })
  }
}

/** `$schema` is for editors. */
function withoutSchema(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value as object
  const { $schema: _, ...rest } = value as Record<string, unknown>
  return rest
}

/** The catalog with the extensions that `load` names or holds. */
async function withOwnExtensions(catalog: Catalog, input: object, folder: string): Promise<Catalog> {
  const wanted = (input as { load?: unknown }).load
  if (!Array.isArray(wanted)) return catalog
  const own: Extension[] = []
  for (const [index, item] of wanted.entries()) {
    const found = typeof item === 'string' ? await importExtensions(item, folder) : [item]
    if (found.length === 0 || !found.every(isExtension)) {
      throw new CommandError(
        `load[${index}]: expected an extension made with defineExtension, or a module that exports one`,
        {
          exitCode: badUsage,
        },
      )
    }
    own.push(...found)
  }
  return { ...catalog, usual: [...catalog.usual, ...own] }
}

async function importExtensions(path: string, folder: string): Promise<Extension[]> {
  const isPath = path.startsWith('.') || path.startsWith('/')
  try {
    const module = await import(isPath ? pathToFileURL(resolve(folder, path)).href : path)
    return Object.values(module).filter(isExtension)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`load: ${path}: ${reason}`, { exitCode: badUsage, cause: error })
  }
}

function isExtension(value: unknown): value is Extension {
  const parts = value as Partial<Extension> | null | undefined
  return (
    typeof parts?.name === 'string' && typeof parts.setup === 'function' && typeof parts.needs === 'object'
  )
}

function asCommandError(
  error: ConfigError,
  file: string | undefined,
  settings: readonly Setting[],
): CommandError {
  const lines = error.faults.map(({ path, message }) => {
    const origin = settings.findLast((setting) => setting.path.join('.') === path)?.origin ?? file
    return [origin, path, message].filter((part) => part !== undefined && part !== '').join(': ')
  })
  return new CommandError(lines.join('\n'), { exitCode: badUsage, cause: error })
}

/**
 * Reads `path=value` as it is given on the command line.
 * @throws CommandError if there is no `=`
 */
export function parseSetting(text: string): Setting {
  const equals = text.indexOf('=')
  if (equals < 1) {
    throw new CommandError(`--set ${text}: expected path=value, such as limits.stanzaBytes=20000`, {
      exitCode: badUsage,
    })
  }
  const path = text.slice(0, equals).split('.')
  return { path, value: coerce(path, text.slice(equals + 1)), origin: '--set' }
}
