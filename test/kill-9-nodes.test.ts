// What a publisher was told is published is there, even if the server is killed at that moment, however many publish at once;
// and what was purged does not come back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyFolder } from './fixtures/balcony-process.ts'
import { startPlainServer } from './fixtures/plain-server.ts'
import { SeededRandom } from './random.ts'
import { RawClient } from './raw-client.ts'

const rounds = 3
const publishers = 4
const node = 'urn:xmpp:bookmarks:1'
const user = { user: 'anna', password: 'secret' }
const namespace = 'http://jabber.org/protocol/pubsub'
const settings = { 'accounts.anna': user.password, 'extensions.pep.items': 5000 }
const options = ['max_items', 'max', 'access_model', 'whitelist']

function publishing(id: string): string {
  const [items, max, access, model] = options
  const field = (name = '', value = '') => `<field var='pubsub#${name}'><value>${value}</value></field>`
  const form = `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${namespace}#publish-options</value></field>${field(items, max)}${field(access, model)}</x>`
  const item = `<item id='${id}'><conference xmlns='${node}' name='${id}'/></item>`
  return `<pubsub xmlns='${namespace}'><publish node='${node}'>${item}</publish><publish-options>${form}</publish-options></pubsub>`
}

/** The ids of all items, read in pages, and how many there are said to be. */
async function readAll(client: RawClient): Promise<{ ids: string[]; count: number }> {
  const ids: string[] = []
  for (let after = '', count = 0; ; ) {
    const set = `<set xmlns='http://jabber.org/protocol/rsm'><max>200</max>${after === '' ? '' : `<after>${after}</after>`}</set>`
    const answer = await client.request(
      'get',
      `<pubsub xmlns='${namespace}'><items node='${node}'/>${set}</pubsub>`,
    )
    const found = [...answer.matchAll(/<item id='([^']*)'/g)].map(([, id = '']) => id)
    ids.push(...found)
    count = Number(/<count>(\d+)</.exec(answer)?.[1] ?? ids.length)
    if (found.length === 0) return { ids, count }
    after = found.at(-1) ?? ''
  }
}

test('kill -9 amid publishing to one node: what was acknowledged is there, once, and counted', async (t) => {
  const folder = emptyFolder(t)
  const random = new SeededRandom(20_261_122)
  const sure = new Set<string>()
  const asked = new Set<string>()
  for (let round = 0; round < rounds; round += 1) {
    const { server, port } = await startPlainServer(t, folder, settings)
    const clients = await Promise.all(
      Array.from({ length: publishers }, (_, index) =>
        RawClient.login(t, port, { ...user, resource: `client${index}` }),
      ),
    )
    if (round > 0) {
      const { ids, count } = await readAll(clients[0] as RawClient)
      assert.equal(new Set(ids).size, ids.length)
      assert.equal(count, ids.length)
      for (const id of sure) assert.ok(ids.includes(id), `${id} was acknowledged`)
      for (const id of ids) assert.ok(asked.has(id), `${id} was never published`)
    }
    if (round === rounds - 1) {
      const purge = `<pubsub xmlns='${namespace}#owner'><purge node='${node}'/></pubsub>`
      assert.match(await (clients[0] as RawClient).request('set', purge), /type='result'/)
      sure.clear()
    }
    let left = 30 + random.below(150)
    const work = async (client: RawClient, index: number) => {
      for (let number = 0; ; number += 1) {
        // Every fourth has been there before.
        const id = number % 4 === 3 ? `${round}-${index}-0` : `${round}-${index}-${number}`
        asked.add(id)
        await client.request('set', publishing(id))
        sure.add(id)
        left -= 1
        if (left === 0) server.kill('SIGKILL')
      }
    }
    await Promise.allSettled(clients.map(work))
    await server.ended()
  }
  const { server, port } = await startPlainServer(t, folder, settings)
  const { ids, count } = await readAll(await RawClient.login(t, port, user))
  assert.equal(count, ids.length)
  for (const id of sure) assert.ok(ids.includes(id), `${id} was acknowledged`)
  for (const id of ids) assert.ok(id.startsWith(`${rounds - 1}-`), `${id} was purged`)
  server.kill('SIGTERM')
  assert.equal((await server.ended()).code, 0)
})
