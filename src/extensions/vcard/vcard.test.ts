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

test('XEP-0054 §3.2, §3.3: the server answers for the account, whose clients are asked nothing; nobody else writes there', async () => {
  await using local = await inMemoryServer({ extensions: [vcard] })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  const write = (name: string, to: string) =>
    `<iq type='set' id='s'${to}><vCard xmlns='vcard-temp'><FN>${name}</FN></vCard></iq>`
  await romeo.send(write('Romeo', ''))
  romeo.takeAll()
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send(write('Tybalt', ` to='romeo@localhost'`))
  const ofOther = juliet.takeAll()[0]?.child('error')?.elements()[0]?.name
  await juliet.send(write('Tybalt', ` to='nobody@localhost'`))
  assert.equal(juliet.takeAll()[0]?.child('error')?.elements()[0]?.name, ofOther)
  assert.equal(ofOther, 'service-unavailable')
  assert.match(await ask(juliet, 'romeo@localhost'), /<FN>Romeo<\/FN>/)
  assert.deepEqual(romeo.takeAll(), [])
})

test('XEP-0054 §3.2: a vCard is replaced as a whole; one that is too large changes nothing', async () => {
  await using local = await inMemoryServer({ extensions: [vcard], options: { vcard: { maxBytes: 100 } } })
  const romeo = await local.connect('romeo@localhost/orchard')
  const write = async (inside: string) => {
    await romeo.send(`<iq type='set' id='s'><vCard xmlns='vcard-temp'>${inside}</vCard></iq>`)
    const [answer] = romeo.takeAll()
    return answer?.child('error')?.elements()[0]?.name ?? answer?.attribute('type')
  }
  assert.equal(await write('<FN>Romeo</FN><DESC>in love</DESC>'), 'result')
  assert.equal(await write('<FN>Romeo Montague</FN>'), 'result')
  assert.equal(await write(`<FN>${'x'.repeat(100)}</FN>`), 'not-acceptable')
  assert.match(await ask(romeo, 'romeo@localhost'), /^<vCard [^>]*><FN>Romeo Montague<\/FN><\/vCard>$/)
})
