// Puts the programs of examples/ into documents, below a line such as <!-- examples/embed.ts -->, as users write them.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const place = /^(<!-- (examples\/[\w.-]+) -->)\n(?:```ts\n[\s\S]*?\n```\n)?/gm

/** A document with the examples that it names as they are now. */
export function withExamples(document: string): string {
  return document.replace(place, (_all, mark: string, file: string) => {
    const program = readFileSync(join(root, file), 'utf8')
    return `${mark}\n\`\`\`ts\n${asInstalled(program).trimEnd()}\n\`\`\`\n`
  })
}

/** A program with what it imports from src/ by the names that the package has for it. */
export function asInstalled(program: string): string {
  return program.replace(/'\.\.\/src\/([\w/-]+)\.ts'/g, (_all, path: string) => `'${exportOf(path)}'`)
}

/** The name under which the package exports `path` of src/, without its ending. */
function exportOf(path: string): string {
  if (path === 'server/server') return 'balcony'
  const parts = path.split('/')
  // The file that is named like its folder is the folder's face.
  if (parts.length > 1 && parts.at(-1) === parts.at(-2)) parts.pop()
  return ['balcony', ...parts].join('/')
}
