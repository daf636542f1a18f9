import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { privateStorage } from './private-storage.ts'

const ask = async (client: MemoryClient, type: 'get' | 'set', inside: string) => {
  await client.send(`<iq type='${type}' id='i'><query xmlns='jabber:iq:private'>${inside}</query></iq>`)
  const [answer] = client.takeAll()
  return (
    answer?.child('error')?.elements()[0]?.name ??
    answer?.child('query', 'jabber:iq:private')?.elements()[0]?.text ??
    'result'
  )
}

test('an account keeps a bounded number of elements of bounded size, and may replace those it has', async () => {
  const options = { 'private-storage': { maxElements: 2, maxBytes: 100 } }
  await using local = await inMemoryServer({ extensions: [privateStorage], options })
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.equal(await ask(romeo, 'set', `<a xmlns='urn:a'/>`), 'result')
  assert.equal(await ask(romeo, 'set', `<b xmlns='urn:a'/>`), 'result')
  assert.equal(await ask(romeo, 'set', `<c xmlns='urn:a'/>`), 'resource-constraint')
  assert.equal(await ask(romeo, 'set', `<a xmlns='urn:a'>new</a>`), 'result')
  assert.equal(await ask(romeo, 'set', `<a xmlns='urn:a'>${'x'.repeat(100)}</a>`), 'not-acceptable')
})

test('XEP-0049 §2.3: what is kept is an element in a namespace of its own, or several', async () => {
  await using local = await inMemoryServer({ extensions: [privateStorage] })
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const inside of ['', '<a/>', `<a xmlns=''/>`, `<a xmlns='urn:a'/><b/>`]) {
    assert.equal(await ask(romeo, 'set', inside), 'not-acceptable', inside)
  }
  assert.equal(await ask(romeo, 'set', `<a xmlns='urn:a'>1</a><a xmlns='urn:a'>2</a>`), 'bad-request')
  assert.equal(await ask(romeo, 'set', `<a xmlns='urn:a'>1</a><b xmlns='urn:a'>2</b>`), 'result')
  for (const inside of ['', '<a/>', `<a xmlns='urn:a'/><b xmlns='urn:a'/>`]) {
    assert.equal(await ask(romeo, 'get', inside), 'bad-request', inside)
  }
  assert.equal(await ask(romeo, 'get', `<a xmlns='urn:a'/>`), '1')
  assert.equal(await ask(romeo, 'get', `<b xmlns='urn:a'/>`), '2')
})

test('of several elements all are kept or none', async () => {
  const options = { 'private-storage': { maxElements: 2, maxBytes: 100 } }
  await using local = await inMemoryServer({ extensions: [privateStorage], options })
  const romeo = await local.connect('romeo@localhost/orchard')
  const three = ['a', 'b', 'c'].map((name) => `<${name} xmlns='urn:a'>new</${name}>`)
  assert.equal(await ask(romeo, 'set', three.join('')), 'resource-constraint')
  assert.equal(
    await ask(romeo, 'set', `${three[0]}<b xmlns='urn:a'>${'x'.repeat(100)}</b>`),
    'not-acceptable',
  )
  assert.equal(await ask(romeo, 'get', `<a xmlns='urn:a'/>`), '')
  assert.equal(await ask(romeo, 'set', three.slice(0, 2).join('')), 'result')
})

test('XEP-0049 §4: nobody else makes, reads or changes what is kept', async () => {
  await using local = await inMemoryServer({ extensions: [privateStorage] })
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await ask(romeo, 'set', `<a xmlns='urn:a'>mine</a>`)
  for (const [type, text] of [
    ['get', ''],
    ['set', 'hers'],
  ]) {
    await juliet.send(
      `<iq type='${type}' id='i' to='romeo@localhost'><query xmlns='jabber:iq:private'><a xmlns='urn:a'>${text}</a></query></iq>`,
    )
    assert.equal(juliet.takeAll()[0]?.child('error')?.elements()[0]?.name, 'service-unavailable')
  }
  assert.equal(await ask(romeo, 'get', `<a xmlns='urn:a'/>`), 'mine')
  assert.equal(await ask(juliet, 'get', `<a xmlns='urn:a'/>`), '')
})
