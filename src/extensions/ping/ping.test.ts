import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { ping } from './ping.ts'

const ask = (to: string, type = 'get') =>
  `<iq type='${type}' id='p'${to === '' ? '' : ` to='${to}'`}><ping xmlns='urn:xmpp:ping'/></iq>`

/** Asks; answers `result` or the condition of the error. */
async function answerOf(request: string): Promise<string | undefined> {
  await using local = await inMemoryServer({ extensions: [ping] })
  await local.connect('juliet@localhost/balcony')
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(request)
  const [answer] = romeo.takeAll()
  return answer?.child('error')?.elements()[0]?.name ?? answer?.attribute('type')
}

test('XEP-0199 §4.2: the server and one’s own account answer', async () => {
  for (const to of ['localhost', 'romeo@localhost', '']) assert.equal(await answerOf(ask(to)), 'result', to)
})

test('XEP-0199 §4.2: others’ accounts do not say whether they are there, and nobody is pinged by a set', async () => {
  for (const to of ['juliet@localhost', 'nobody@localhost', 'juliet@localhost/gone']) {
    assert.equal(await answerOf(ask(to)), 'service-unavailable', to)
  }
  assert.equal(await answerOf(ask('localhost', 'set')), 'service-unavailable')
})
