// Checks how the sources hang together: which folder may import which, no rings, no `index.ts`.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'

const below = ['base', 'jid', 'xml', 'stanza', 'stream', 'session', 'storage', 'host']

/** What each folder of src/ may import besides itself (docs/decisions/0001-one-package-with-layers.md). */
export const importsByFolder: Readonly<Record<string, readonly string[]>> = {
  base: [],
  jid: ['base'],
  xml: ['base'],
  stanza: ['base', 'jid', 'xml'],
  stream: ['base', 'jid', 'xml', 'stanza'],
  session: ['base', 'jid', 'xml', 'stanza', 'stream'],
  storage: ['base', 'jid', 'xml'],
  host: ['base', 'jid', 'xml', 'stanza', 'stream', 'session', 'storage'],
  extensions: below,
  http: below,
  server: [...below, 'extensions', 'http'],
  scansion: ['base', 'jid', 'xml'],
  cli: ['base', 'jid', 'stream', 'storage', 'host', 'server', 'scansion'],
}

const importPattern =
  /^\s*(?:import|export)\b[^'"`]*?\bfrom\s*['"](\.[^'"]*)['"]|\bimport\s*\(?\s*['"](\.[^'"]*)['"]/gm
const typeOnly = /^\s*(?:import|export)\s+type\b/

/** What is wrong with `sources` (text by path, starting at `src/`), one line each. */
export function faultsOf(sources: ReadonlyMap<string, string>): string[] {
  const faults: string[] = []
  const importsByFile = new Map<string, string[]>()
  for (const [file, text] of sources) {
    if (file.endsWith('/index.ts')) faults.push(`${file}: a folder's face is the file named like the folder`)
    if (file.endsWith('.test.ts')) continue
    const atRunTime: string[] = []
    for (const match of text.matchAll(importPattern)) {
      const target = normalize(join(dirname(file), (match[1] ?? match[2]) as string))
      const fault = faultOfImport(file, target)
      if (fault) faults.push(`${file}: imports ${target}, ${fault}`)
      // Two types that name each other are no ring: nothing of it is left when the program runs.
      if (!typeOnly.test(match[0])) atRunTime.push(target)
    }
    importsByFile.set(file, atRunTime)
  }
  const ring = findRing(importsByFile)
  if (ring) faults.push(`${ring[0]}: a ring of imports: ${ring.join(' → ')}`)
  return faults
}

function faultOfImport(file: string, target: string): string | undefined {
  const [, folder = '', part] = file.split('/')
  const [root, targetFolder = '', targetPart, face] = target.split('/')
  if (root !== 'src') return 'which is outside src/'
  if (!(folder in importsByFolder)) return `but ${folder}/ has no place among the layers`
  if (folder !== targetFolder) {
    return importsByFolder[folder]?.includes(targetFolder)
      ? undefined
      : `but ${folder}/ may not import ${targetFolder}/`
  }
  // Another extension is reached only through its face.
  if (folder === 'extensions' && part !== targetPart && face !== `${targetPart}.ts`)
    return 'which is no face file'
  return undefined
}

function findRing(importsByFile: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    path.push(file)
    for (const target of importsByFile.get(file) ?? []) {
      const ring = visit(target)
      if (ring) return ring
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of importsByFile.keys()) {
    const ring = visit(file)
    if (ring) return ring
  }
  return undefined
}

if (import.meta.main) {
  const root = dirname(import.meta.dirname)
  const files = globSync('src/**/*.ts', { cwd: root }).map((file) => file.split(sep).join('/'))
  const faults = faultsOf(new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')])))
  for (const fault of faults) console.error(fault)
  console.error(
    faults.length === 0 ? `layers: ${files.length} files in order` : `layers: ${faults.length} faults`,
  )
  process.exitCode = faults.length === 0 ? 0 : 1
}
