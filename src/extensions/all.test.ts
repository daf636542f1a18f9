// What holds for every extension.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import type { Extension } from '../host/extension.ts'
import type { Host } from '../host/host.ts'
import { catalog } from '../server/catalog.ts'

const all = [...new Set([...catalog.usual, ...Object.values(catalog.services).flat(), ...catalog.optional])]

/** What can be seen of a host from outside. */
const lookOf = (host: Host) => ({
  features: host.advertised.features,
  identities: host.advertised.identities,
  forms: host.advertised.forms,
  accountFeatures: host.accountAdvertised.features,
  accountIdentities: host.accountAdvertised.identities,
  streamFeatures: host.streamFeatures.length,
  extensions: host.extensions.names,
  hasService: host.hasService,
})

for (const extension of all) {
  test(`${extension.name}: loads alone, and unloaded leaves nothing behind`, async () => {
    await using local = await inMemoryServer()
    const host = local.server.host('localhost') as Host
    const before = lookOf(host)
    const needed = neededBy(extension)
    host.extensions.load([extension])
    assert.deepEqual([...host.extensions.names].sort(), [...needed].sort())
    host.extensions.unloadAll()
    assert.deepEqual(lookOf(host), before)
    host.extensions.load([extension])
    assert.ok(host.extensions.names.includes(extension.name), 'and loads again')
  })

  test(`${extension.name}: every option has a default that is valid and a sentence`, () => {
    for (const [name, option] of Object.entries(extension.options)) {
      assert.ok(option.description, `${extension.name}.${name} has no sentence`)
      assert.ok(option.safeParse(undefined).success, `${extension.name}.${name} has no default`)
    }
  })
}

test('extensions have different names', () => {
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length)
})

function neededBy(extension: Extension): Set<string> {
  const names = new Set([extension.name])
  for (const needed of Object.values(extension.needs)) for (const name of neededBy(needed)) names.add(name)
  return names
}
