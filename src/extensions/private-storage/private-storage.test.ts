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
    answer?.child('query', 'jabber:iq:private')?.text ??
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

test('XEP-0049 §2.1: what is kept needs a namespace of its own', async () => {
  await using local = await inMemoryServer({ extensions: [privateStorage] })
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const inside of [`<a/>`, `<a xmlns=''/>`, `<a xmlns='urn:a'/><b xmlns='urn:b'/>`]) {
    assert.equal(await ask(romeo, 'set', inside), 'bad-request', inside)
  }
})
