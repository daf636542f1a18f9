// Makes the folder of a new extension with its three files. The script in it fails until the extension does something.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [name = '', number] = process.argv.slice(2)
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || (number !== undefined && !/^\d{1,4}$/.test(number))) {
  console.error(
    'usage: npm run new-extension -- NAME [XEP-NUMBER], such as: npm run new-extension -- greet 9999',
  )
  process.exit(2)
}
const root = dirname(import.meta.dirname)
const folder = join(root, 'src', 'extensions', name)
if (existsSync(folder)) {
  console.error(`there is an extension ${name} already`)
  process.exit(2)
}

const camelName = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
const title = number === undefined ? `What ${name} is for` : `XEP-${number.padStart(4, '0')}: ${name}`
const xep = number === undefined ? '' : `  xep: { number: ${Number(number)}, version: '0.1' },\n`

const source = `// ${title}
import { defineExtension } from '../../host/extension.ts'

const namespace = 'urn:example:${name}'

/** Says what it does, in one sentence. */
export const ${camelName} = defineExtension({
  name: '${name}',
${xep}  setup(host) {
    host.advertise(namespace)
  },
})
`

const unitTest = `// ${title}
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { ${camelName} } from './${name}.ts'

test('${name} answers', async () => {
  await using memory = await inMemoryServer({ extensions: [${camelName}] })
  const anna = await memory.connect('anna@localhost/phone')
  await anna.send("<iq type='get' id='1' to='localhost'><query xmlns='urn:example:${name}'/></iq>")
  assert.equal((await anna.receive())?.attribute('type'), 'result')
})
`

const script = `# ${title}

[Client] Anna
	jid: anna@localhost
	password: password

---------

Anna connects

Anna sends:
	<iq type='get' id='1' to='localhost'><query xmlns='urn:example:${name}'/></iq>

Anna receives:
	<iq type='result' id='1' from='localhost'/>

Anna disconnects
`

mkdirSync(folder)
writeFileSync(join(folder, `${name}.ts`), source)
writeFileSync(join(folder, `${name}.test.ts`), unitTest)
writeFileSync(join(folder, `${name}.scs`), script)
console.log(`made src/extensions/${name}/: ${name}.ts, ${name}.test.ts, ${name}.scs
next: have the test pass, then add it to src/extensions/standard/standard.ts and run “npm run docs”`)
