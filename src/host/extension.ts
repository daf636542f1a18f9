// An extension: its facts are data, its behaviour is one function.
import type { OptionShape, OptionValues } from '../base/options.ts'
import type { ScopedHost } from './scoped-host.ts'

/** The extensions one names in `needs` or `uses`, by the name under which `setup` gets their API. */
// biome-ignore lint/suspicious/noExplicitAny: an extension of whatever API and options
export type Dependencies = Readonly<Record<string, Extension<any>>>

/** Which XEP an extension implements, and in which version. */
export interface Xep {
  readonly number: number
  readonly version: string
  /** Some of what it asks of a server is missing. */
  readonly isPartial?: boolean
}

/** What `setup` gets as its second argument: APIs of `needs`, and of `uses` where the host has them. */
export type ApisOf<Needs extends Dependencies, Uses extends Dependencies> = {
  readonly [Name in keyof Needs]: Needs[Name] extends Extension<infer Api> ? Api : never
} & {
  readonly [Name in keyof Uses]: Uses[Name] extends Extension<infer Api> ? Api | undefined : never
}

/** One XEP, or one part of the RFCs, that a host can load. `Api` is what others get who need it. */
export interface Extension<Api = unknown> {
  readonly name: string
  readonly xep: Xep | undefined
  /** Smaller ones that come with it. */
  readonly furtherXeps: readonly Xep[]
  readonly needs: Dependencies
  readonly uses: Dependencies
  readonly options: OptionShape
  /** Registers everything on `host`; called once a host, with options that have been checked. */
  // biome-ignore lint/suspicious/noExplicitAny: checked in defineExtension, where the types are known
  setup(host: ScopedHost, apis: any, options: any): Api
}

/** What an extension is written as. */
export interface ExtensionDefinition<
  Needs extends Dependencies,
  Uses extends Dependencies,
  Shape extends OptionShape,
  Api,
> {
  /** What it does, in one word: `carbons`. Also the key of its options in the configuration. */
  readonly name: string
  readonly xep?: Xep
  /** Smaller XEPs that come with it, such as what only adds a field or a rule. */
  readonly furtherXeps?: readonly Xep[]
  /** Loaded before, always. */
  readonly needs?: Needs
  /** Loaded before where the host has it; its API may be `undefined`. */
  readonly uses?: Uses
  readonly options?: Shape
  setup(host: ScopedHost, apis: ApisOf<Needs, Uses>, options: OptionValues<Shape>): Api
}

/** Makes an extension of its definition; the types of `setup`'s arguments come from the facts. */
export function defineExtension<
  const Needs extends Dependencies = Record<never, never>,
  const Uses extends Dependencies = Record<never, never>,
  const Shape extends OptionShape = Record<never, never>,
  Api = void,
>(definition: ExtensionDefinition<Needs, Uses, Shape, Api>): Extension<Api> {
  return {
    name: definition.name,
    xep: definition.xep,
    furtherXeps: definition.furtherXeps ?? [],
    needs: definition.needs ?? {},
    uses: definition.uses ?? {},
    options: definition.options ?? {},
    setup: definition.setup,
  }
}
