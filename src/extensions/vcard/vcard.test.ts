import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { serialize } from '../../xml/serialize.ts'
import { vcard } from './vcard.ts'

const ask = async (client: MemoryClient, to: string): Promise<string> => {
  await client.send(`<iq type='get' id='v' to='${to}'><vCard xmlns='vcard-temp'/></iq>`)
  const [answer] = client.takeAll()
  return (answer?.elements() ?? []).map((part) => serialize(part)).join('')
}

test('XEP-0054 §3.3: who asks cannot tell an account without a vCard from none', async () => {
  await using local = await inMemoryServer({ extensions: [vcard] })
  await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  const ofNobody = await ask(juliet, 'nobody@localhost')
  assert.match(ofNobody, /service-unavailable/)
  assert.equal(await ask(juliet, 'romeo@localhost'), ofNobody)
  assert.match(await ask(juliet, 'juliet@localhost'), /^<vCard /)
})
