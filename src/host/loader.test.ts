import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import { flag, integer } from '../base/options.ts'
import { defineExtension, type Extension } from './extension.ts'
import type { Host } from './host.ts'

async function hostWith(extensions: readonly Extension[], options = {}): Promise<Host> {
  const { server } = await inMemoryServer({ extensions, options })
  return server.host('localhost') as Host
}

const tracing = (name: string, order: string[], needs: Record<string, Extension> = {}) =>
  defineExtension({ name, needs, setup: () => void order.push(name) })

test('extensions load depth first over what they need, otherwise as listed', async () => {
  const order: string[] = []
  const base = tracing('base', order)
  const middle = tracing('middle', order, { base })
  const top = tracing('top', order, { middle, base })
  const other = tracing('other', order)
  const host = await hostWith([other, top, base])
  assert.deepEqual(order, ['other', 'base', 'middle', 'top'])
  assert.deepEqual(host.extensions.names, order)
})

test('an extension gets the API of what it needs, and of what it uses where the host has it', async () => {
  const greeter = defineExtension({
    name: 'greeter',
    setup: () => ({ greet: (name: string) => `hello ${name}` }),
  })
  const seen: (string | undefined)[] = []
  const needing = defineExtension({
    name: 'needing',
    needs: { greeter },
    setup(_host, apis) {
      seen.push(apis.greeter.greet('needing'))
      // @ts-expect-error only what is named in `needs` and `uses`
      void apis.other
    },
  })
  const using = defineExtension({
    name: 'using',
    uses: { greeter },
    setup(_host, apis) {
      // @ts-expect-error it may not be there
      const greet = () => apis.greeter.greet
      assert.equal(typeof greet, 'function')
      seen.push(apis.greeter?.greet('using'))
    },
  })
  await hostWith([needing])
  await hostWith([using])
  await hostWith([using, greeter])
  assert.deepEqual(seen, ['hello needing', undefined, 'hello using'])
})

test('a ring of needs is refused with the names of the ring', async () => {
  const a: Extension & { needs: Record<string, Extension> } = {
    ...defineExtension({ name: 'a', setup() {} }),
    needs: {},
  }
  const b = defineExtension({ name: 'b', needs: { a }, setup() {} })
  a.needs.b = b
  await assert.rejects(hostWith([a]), /ring: a → b → a/)
})

test('options get their defaults, and a wrong one is refused with the name of the extension and of the option', async () => {
  let seen: unknown
  const extension = defineExtension({
    name: 'choosy',
    options: { loud: flag(true, 'be loud'), times: integer(3, 'how often', { max: 5 }) },
    setup(_host, _apis, options) {
      seen = options
      const times: number = options.times
      assert.equal(typeof times, 'number')
    },
  })
  await hostWith([extension], { choosy: { loud: false } })
  assert.deepEqual(seen, { loud: false, times: 3 })
  await assert.rejects(hostWith([extension], { choosy: { times: 6 } }), /options of choosy: [\s\S]*times/)
  await assert.rejects(hostWith([extension], { choosy: { lout: true } }), /options of choosy: [\s\S]*lout/)
})

test('what a failing setup had registered is undone, and the error names the extension', async () => {
  const undone: string[] = []
  const failing = defineExtension({
    name: 'failing',
    setup(host) {
      host.advertise('urn:failing')
      host.keep(() => undone.push('kept'))
      throw new Error('no luck')
    },
  })
  const host = await hostWith([])
  assert.throws(() => host.extensions.load([failing]), /extension failing cannot be set up: no luck/)
  assert.deepEqual(undone, ['kept'])
  assert.deepEqual(host.advertised.features, [])
})

test('unloading takes along what needs it, first', async () => {
  const undone: string[] = []
  const one = (name: string, needs: Record<string, Extension> = {}) =>
    defineExtension({ name, needs, setup: (host) => void host.keep(() => undone.push(name)) })
  const base = one('base')
  const top = one('top', { base })
  const other = one('other')
  const host = await hostWith([top, other])
  host.extensions.unload(base)
  assert.deepEqual(undone, ['top', 'base'])
  assert.deepEqual(host.extensions.names, ['other'])
})

test('two handlers for one request are an error when loading', async () => {
  const answering = (name: string) =>
    defineExtension({ name, setup: (host) => void host.iq.get('urn:x', 'query', () => {}) })
  await assert.rejects(
    hostWith([answering('one'), answering('two')]),
    /extension two .* two handlers for iq get query in urn:x/,
  )
})
