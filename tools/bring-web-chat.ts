// Part of `npm run build`: puts the files of the web chat, its own and those of Converse.js, where the published package has
// them: in dist/, or the folder that is given.
import { cpSync } from 'node:fs'
import { basename, join } from 'node:path'
import { converseFolder, pagesFolder } from '../src/extensions/web-chat/files.ts'

const dist = process.argv[2] ?? join(import.meta.dirname, '..', 'dist')
const target = join(dist, 'extensions', 'web-chat')
const converse = converseFolder()
if (converse === undefined) throw new Error('converse.js is not installed: run npm ci')

/** What no browser asks for: sources, maps, the project's own pages. */
const leftOut = /\.map$|^website\.|^converse\.(?:js|css)$/

cpSync(pagesFolder, join(target, 'pages'), { recursive: true })
cpSync(converse, join(target, 'converse'), {
  recursive: true,
  filter: (source) => !leftOut.test(basename(source)),
})
for (const file of ['LICENSE', 'COPYRIGHT'])
  cpSync(join(converse, '..', file), join(target, 'converse', file))
