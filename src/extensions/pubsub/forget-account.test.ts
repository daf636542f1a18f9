import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { asked, make, nodesServer, publish, subscribe, told } from '../../../test/nodes.ts'
import { jid } from '../../jid/jid.ts'

const remove = (local: InMemory, name: string) =>
  local.server.host('localhost')?.accounts.remove(jid(`${name}@localhost`))

const affiliate = (name: string, affiliation: string) =>
  `<affiliations node='news'><affiliation jid='${name}@localhost' affiliation='${affiliation}'/></affiliations>`

/** A server with the node `news` of romeo, on which juliet may publish and to which she is subscribed. */
async function stage(options: object = {}) {
  const local = await nodesServer({ pubsubOptions: { create: 'anyone', ...options } })
  const romeo = await local.connect('romeo@localhost/x')
  const juliet = await local.connect('juliet@localhost/x')
  assert.equal(
    await make(romeo, 'news'),
    await make(romeo, 'other').then((text) => text.replace('other', 'news')),
  )
  await asked(romeo, affiliate('juliet', 'publisher'), { isOwner: true })
  await subscribe(juliet, 'news')
  return { local, romeo, juliet }
}

for (const nodesInMemory of [100, 1]) {
  test(`who gets the name of a removed account is a stranger to nodes (${nodesInMemory} in memory)`, async () => {
    const { local, romeo } = await stage({ nodesInMemory })
    await using _local = local
    await publish(romeo, 'other', 'x')
    await remove(local, 'juliet')
    const again = await local.connect('juliet@localhost/y')
    await again.send('<presence/>')
    assert.match(await publish(again, 'news', 'forged'), /forbidden/)
    assert.doesNotMatch(await asked(again, '<subscriptions/>', { type: 'get' }), /news/)
    await publish(romeo, 'news', 'one')
    assert.deepEqual(told(again), [])
    const lists = local.server.host('pubsub.localhost')?.store.collection('pubsub-lists')
    assert.doesNotMatch([...((await lists?.all('\nnews'))?.keys() ?? [])].join(), /juliet/)
  })
}

test('an outcast stays one, whoever has the name', async () => {
  const { local, romeo } = await stage()
  await using _local = local
  await asked(romeo, affiliate('juliet', 'outcast'), { isOwner: true })
  await remove(local, 'juliet')
  const again = await local.connect('juliet@localhost/y')
  assert.match(await subscribe(again, 'news'), /forbidden/)
})

test('a node whose only owner is gone is left to those who run the service', async () => {
  const { local } = await stage()
  await using _local = local
  await remove(local, 'romeo')
  const again = await local.connect('romeo@localhost/y')
  assert.match(await asked(again, "<delete node='news'/>", { isOwner: true }), /forbidden/)
  const admin = await local.connect('admin@localhost/x')
  assert.equal(await asked(admin, "<delete node='news'/>", { isOwner: true }), 'result')
})
