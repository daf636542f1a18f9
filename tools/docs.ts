// Makes docs/made/ from the facts in the sources, and puts the examples into docs/embedding.md. With --check: says which of them are stale. What is measured, bench.md
// and its picture, is not among them: `npm run bench -- --write` makes it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { enterPhases, roomMessagePhases } from '../src/extensions/muc/lines.ts'
import type { Extension } from '../src/host/extension.ts'
import { Line } from '../src/host/line.ts'
import { receivedPhases, sentPhases } from '../src/host/message.ts'
import { presenceReceivedPhases, presenceSentPhases } from '../src/host/presence.ts'
import { catalog } from '../src/server/catalog.ts'
import { configSchema, serviceKinds } from '../src/server/config.ts'
import { createServer } from '../src/server/server.ts'
import { memory } from '../src/storage/sqlite.ts'
import { addressOf, doapFile } from './doap.ts'
import { withExamples } from './examples-in-docs.ts'

const embeddingFile = join(dirname(import.meta.dirname), 'docs', 'embedding.md')
const note = '<!-- Made by tools/docs.ts: change the sources, then run “npm run docs”. -->\n'

/** All extensions, each once, and those that they need. */
function allExtensions(): Extension[] {
  const byName = new Map<string, Extension>()
  const add = (extension: Extension) => {
    if (byName.has(extension.name)) return
    byName.set(extension.name, extension)
    for (const other of [...Object.values(extension.needs), ...Object.values(extension.uses)]) add(other)
  }
  for (const extension of [...catalog.usual, ...Object.values(catalog.services).flat(), ...catalog.optional])
    add(extension)
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name))
}

function extensionsPage(extensions: readonly Extension[]): string {
  const numbered = extensions
    .flatMap((extension) => [extension.xep, ...extension.furtherXeps].map((xep) => ({ xep, extension })))
    .sort((a, b) => (a.xep?.number ?? Infinity) - (b.xep?.number ?? Infinity))
  const rows = numbered.map(({ xep, extension }) => {
    const number = xep ? `[XEP-${String(xep.number).padStart(4, '0')}](${addressOf(xep)})` : 'RFC 6121'
    const version = xep ? `${xep.version}${xep.isPartial ? ', in part' : ''}` : ''
    const { name, needs, uses } = extension
    const others = [...Object.keys(needs), ...Object.keys(uses).map((other) => `(${other})`)].join(', ')
    return `| ${number} | ${version} | ${name} | ${loadedWhere(extension)} | ${others} |`
  })
  return `${note}\n# Extensions\n\n| number | version | name | loaded for | needs (uses) |\n|-|-|-|-|-|\n${rows.join('\n')}\n`
}

function loadedWhere(extension: Extension): string {
  const places = [
    catalog.usual.includes(extension) ? 'accounts' : '',
    ...serviceKinds.filter((kind) => catalog.services[kind].includes(extension)),
    catalog.optional.includes(extension) ? 'on request' : '',
  ].filter((place) => place !== '')
  return places.length === 0 ? 'those that need it' : places.join(', ')
}

/** What a JSON schema says of one option. */
interface OptionFacts {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly OptionFacts[]
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly properties?: Readonly<Record<string, OptionFacts>>
  readonly additionalProperties?: unknown
}

function jsonSchema(schema: z.ZodType): OptionFacts {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as OptionFacts
}

function optionRows(facts: OptionFacts, path: string): string[] {
  if (!facts.properties) {
    const value = facts.default === undefined ? '' : `\`${JSON.stringify(facts.default)}\``
    return [`| \`${path}\` | ${kindOf(facts)} | ${value} | ${facts.description ?? ''} |`]
  }
  return Object.entries(facts.properties).flatMap(([name, inner]) =>
    optionRows(inner, path === '' ? name : `${path}.${name}`),
  )
}

function kindOf({ type, enum: words, const: only, anyOf }: OptionFacts): string {
  if (words) return words.map((word) => `\`${word}\``).join(' ')
  if (only !== undefined) return `\`${only}\``
  return anyOf ? anyOf.map(kindOf).join(' or ') : (type ?? 'anything')
}

const tableHead = '| option | kind | if left out | what it is |\n|-|-|-|-|\n'

function optionsPage(extensions: readonly Extension[]): string {
  const own = optionRows(jsonSchema(configSchema), '').join('\n')
  const sections = extensions
    .filter(({ options }) => Object.keys(options).length > 0)
    .map(({ name, options }) => {
      const rows = optionRows(jsonSchema(z.strictObject({ ...options })), `extensions.${name}`)
      return `## ${name}\n\n${tableHead}${rows.join('\n')}\n`
    })
  return `${note}\n# Options\n\n${tableHead}${own}\n\nThose under \`hosts\` are the same as outside, from \`rooms\` to \`createOnLogin\`.\n\n${sections.join('\n')}`
}

/** Lines by name, with their phases. */
const phasesByLine = {
  'message, of the sender': sentPhases,
  'message, of the recipient': receivedPhases,
  'presence, of the sender': presenceSentPhases,
  'presence, of the recipient': presenceReceivedPhases,
  'entering a room': enterPhases,
  'message to a room': roomMessagePhases,
} as const satisfies Record<string, readonly string[]>

/** Who adds steps to which phase, found by loading the extensions one by one. */
async function stepsByPhase(
  extensions: readonly Extension[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>()
  let current = 'core'
  const add = Line.prototype.add
  Line.prototype.add = function (phase, step) {
    const key = `${this.phases.join()}/${phase}`
    found.set(key, (found.get(key) ?? new Set()).add(current))
    return add.call(this, phase, step)
  }
  const domainFor = (extension: Extension) => {
    if (catalog.usual.includes(extension)) return 'a'
    return `${serviceKinds.find((kind) => catalog.services[kind].includes(extension)) ?? 'rooms'}.a`
  }
  try {
    const server = createServer({
      storage: memory(),
      hosts: Object.fromEntries(
        ['a', ...serviceKinds.map((kind) => `${kind}.a`)].map((domain) => [domain, { extensions: [] }]),
      ),
    })
    await server.start()
    for (const extension of inOrderOfNeed(extensions)) {
      current = extension.name
      server.host(domainFor(extension))?.extensions.load([extension])
    }
    await server.close()
  } finally {
    Line.prototype.add = add
  }
  return found
}

function inOrderOfNeed(extensions: readonly Extension[]): ReadonlySet<Extension> {
  const ordered = new Set<Extension>()
  const add = (extension: Extension) => {
    for (const other of [...Object.values(extension.needs), ...Object.values(extension.uses)]) add(other)
    ordered.add(extension)
  }
  for (const extension of extensions) add(extension)
  return ordered
}

async function phasesPage(extensions: readonly Extension[]): Promise<string> {
  const steps = await stepsByPhase(extensions)
  const sections = Object.entries(phasesByLine).map(([name, phases]) => {
    const rows = phases.map(
      (phase) => `| ${phase} | ${[...(steps.get(`${phases.join()}/${phase}`) ?? [])].join(', ')} |`,
    )
    return `## ${name}\n\n| phase | who has steps there, in order |\n|-|-|\n${rows.join('\n')}\n`
  })
  return `${note}\n# Lines and their phases, in order\n\n${sections.join('\n')}`
}

/** Text of each made file by its name. */
async function madeDocuments(): Promise<ReadonlyMap<string, string>> {
  const extensions = allExtensions()
  return new Map([
    ['extensions.md', extensionsPage(extensions)],
    ['options.md', optionsPage(extensions)],
    ['phases.md', await phasesPage(extensions)],
    ['doap.xml', doapFile(extensions)],
    ['../embedding.md', withExamples(readFileSync(embeddingFile, 'utf8'))],
    ['config.schema.json', `${JSON.stringify(jsonSchema(configSchema), null, 2)}\n`],
  ])
}

if (import.meta.main) {
  const folder = join(dirname(import.meta.dirname), 'docs', 'made')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of await madeDocuments()) {
    const file = join(folder, name)
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    if (process.argv.includes('--check')) {
      console.error(`docs/made/${name} is stale: run “npm run docs” and commit it`)
      process.exitCode = 1
    } else {
      writeFileSync(file, text)
      console.error(`made docs/made/${name}`)
    }
  }
}
