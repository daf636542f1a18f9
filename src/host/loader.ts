// Loading and unloading extensions, in the order that `needs` and `uses` give.
import { z } from 'zod'
import { Scope } from '../base/scope.ts'
import type { Dependencies, Extension } from './extension.ts'
import type { Host } from './host.ts'
import { ScopedHost } from './scoped-host.ts'

/** Options by the name of the extension. */
export type ExtensionOptions = Readonly<Record<string, unknown>>

interface Loaded {
  readonly extension: Extension
  readonly scope: Scope
  readonly api: unknown
}

/** The extensions of one host. */
export class ExtensionLoader {
  readonly #host: Host
  readonly #loadedByName = new Map<string, Loaded>()

  constructor(host: Host) {
    this.#host = host
  }

  /** Names of what is loaded, in order of loading. */
  get names(): string[] {
    return [...this.#loadedByName.keys()]
  }

  /** The API of a loaded extension. */
  api<Api>(extension: Extension<Api>): Api | undefined {
    return this.#loadedByName.get(extension.name)?.api as Api | undefined
  }

  /**
   * Loads extensions and, before each, what it needs.
   * @throws Error that names the extension whose options are wrong, whose `setup` fails or whose needs form a ring
   */
  load(extensions: readonly Extension[], options: ExtensionOptions = {}): void {
    const listed = new Set(extensions.map((extension) => extension.name))
    for (const extension of extensions) this.#loadOne(extension, options, listed, [])
    for (const check of this.#host.afterLoading.items) check()
  }

  /**
   * Unloads an extension and, before it, what needs it.
   * @throws AggregateError of what its undos threw
   */
  unload(extension: Extension): void {
    const loaded = this.#loadedByName.get(extension.name)
    if (!loaded) return
    for (const other of [...this.#loadedByName.values()].reverse()) {
      if (dependsOn(other.extension, extension.name)) this.unload(other.extension)
    }
    this.#loadedByName.delete(extension.name)
    loaded.scope.close()
  }

  /** Unloads everything, last loaded first. */
  unloadAll(): void {
    for (const { extension } of [...this.#loadedByName.values()].reverse()) this.unload(extension)
  }

  #loadOne(
    extension: Extension,
    options: ExtensionOptions,
    listed: ReadonlySet<string>,
    path: readonly string[],
  ): void {
    if (this.#loadedByName.has(extension.name)) return
    if (path.includes(extension.name)) {
      throw new Error(`extensions need each other in a ring: ${[...path, extension.name].join(' → ')}`)
    }
    const onward = [...path, extension.name]
    for (const needed of Object.values(extension.needs)) this.#loadOne(needed, options, listed, onward)
    for (const used of Object.values(extension.uses)) {
      if (listed.has(used.name)) this.#loadOne(used, options, listed, onward)
    }
    this.#setUp(extension, options[extension.name] ?? {})
  }

  #setUp(extension: Extension, given: unknown): void {
    const checked = z.strictObject({ ...extension.options }).safeParse(given)
    if (!checked.success) {
      throw new Error(`options of ${extension.name}: ${z.prettifyError(checked.error)}`, {
        cause: checked.error,
      })
    }
    const scope = new Scope()
    try {
      const apis = { ...this.#apisOf(extension.needs), ...this.#apisOf(extension.uses) }
      const api = extension.setup(new ScopedHost(this.#host, scope, extension.name), apis, checked.data)
      this.#loadedByName.set(extension.name, { extension, scope, api })
    } catch (cause) {
      scope.close()
      throw new Error(`extension ${extension.name} cannot be set up: ${messageOf(cause)}`, { cause })
    }
  }

  #apisOf(dependencies: Dependencies): Record<string, unknown> {
    const apis: Record<string, unknown> = {}
    for (const [key, { name }] of Object.entries(dependencies)) apis[key] = this.#loadedByName.get(name)?.api
    return apis
  }
}

function dependsOn(extension: Extension, name: string): boolean {
  return [...Object.values(extension.needs), ...Object.values(extension.uses)].some(
    (other) => other.name === name,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
