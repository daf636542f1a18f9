import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { product } from '../../base/product.ts'
import { version } from './version.ts'

/** What is told, by the names of the elements. */
async function told(options = {}): Promise<Record<string, string>> {
  await using local = await inMemoryServer({ extensions: [version], options: { version: options } })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(`<iq type='get' id='v' to='localhost'><query xmlns='jabber:iq:version'/></iq>`)
  const query = romeo.takeAll()[0]?.child('query', 'jabber:iq:version')
  return Object.fromEntries((query?.elements() ?? []).map(({ name, text }) => [name, text]))
}

test('XEP-0092 §3: name and version, and no operating system', async () => {
  assert.deepEqual(await told(), { name: product.name, version: product.version })
})

test('what the operator says instead is told', async () => {
  assert.deepEqual(await told({ name: 'Verona', version: '1' }), { name: 'Verona', version: '1' })
})
