// Where the files of the web chat are.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The page's own script and style. */
export const pagesFolder: string = fileURLToPath(new URL('./pages', import.meta.url))

/** The files of Converse.js: the published package brings them along, a checkout has them from npm; undefined if neither. */
export function converseFolder(): string | undefined {
  const brought = fileURLToPath(new URL('./converse', import.meta.url))
  if (existsSync(join(brought, 'converse.min.js'))) return brought
  try {
    return dirname(fileURLToPath(import.meta.resolve('converse.js/dist/converse.min.js')))
  } catch {
    return undefined
  }
}
