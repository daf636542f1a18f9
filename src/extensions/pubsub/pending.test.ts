import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo } from '../../../test/answer.ts'
import { asked, make, nodesServer, subscribe } from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { commands } from '../commands/commands.ts'
import { disco } from '../disco/disco.ts'
import { pubsub } from './pubsub.ts'

const node = 'http://jabber.org/protocol/pubsub#get-pending'
const service = [disco, commands, pubsub]

function command(client: MemoryClient, attributes: string, inside = ''): Promise<Element | undefined> {
  const element = `<command xmlns='http://jabber.org/protocol/commands' node='${node}'${attributes}>${inside}</command>`
  return answerTo(client, 'set', element, 'pubsub.localhost')
}

const choose = (name: string) =>
  `<x xmlns='jabber:x:data' type='submit'><field var='pubsub#node'><value>${name}</value></field></x>`

async function waiting(local: Awaited<ReturnType<typeof nodesServer>>) {
  const admin = await local.connect('admin@localhost/home')
  const romeo = await local.connect('romeo@localhost/orchard')
  await make(admin, 'asking', { access_model: 'authorize' })
  await make(admin, 'quiet', { access_model: 'authorize' })
  await make(admin, 'open')
  await subscribe(romeo, 'asking')
  return { admin, romeo }
}

test('XEP-0060 §8.7.2: an owner is asked again about each who waits, and nobody else is', async () => {
  await using local = await nodesServer({ pubsub: service })
  const { admin } = await waiting(local)
  const other = await local.connect('juliet@localhost/balcony')
  const owner = `<affiliation jid='juliet@localhost' affiliation='owner'/>`
  await asked(admin, `<affiliations node='asking'>${owner}</affiliations>`, { isOwner: true })
  for (const client of [admin, other]) await client.send('<presence/>')
  for (const client of [admin, other]) client.takeAll()
  const form = await command(other, " action='execute'")
  assert.match(serialize(form as Element), /<value>asking<\/value>/)
  assert.doesNotMatch(serialize(form as Element), /quiet|open/)
  const session = form?.elements()[0]?.attribute('sessionid')
  const done = await commandThenAll(other, ` sessionid='${session}'`, choose('asking'))
  assert.match(done, /status='completed'/)
  assert.match(done, /romeo@localhost asks to be subscribed to asking/)
  assert.deepEqual(admin.takeAll(), [])
})

async function commandThenAll(client: MemoryClient, attributes: string, inside: string): Promise<string> {
  const element = `<command xmlns='http://jabber.org/protocol/commands' node='${node}'${attributes}>${inside}</command>`
  await client.send(`<iq type='set' id='c' to='pubsub.localhost'>${element}</iq>`)
  return client
    .takeAll()
    .map((stanza) => serialize(stanza))
    .join('')
}

test('XEP-0060 §8.7.3: who does not own the node learns nothing of who waits', async () => {
  await using local = await nodesServer({ pubsub: service })
  const { admin, romeo } = await waiting(local)
  assert.match(serialize((await command(romeo, '')) as Element), /<forbidden/)
  const owner = `<affiliation jid='romeo@localhost' affiliation='owner'/>`
  await asked(admin, `<affiliations node='quiet'>${owner}</affiliations>`, { isOwner: true })
  const form = await command(romeo, " action='execute'")
  assert.doesNotMatch(serialize(form as Element), /asking/)
  const session = form?.elements()[0]?.attribute('sessionid')
  for (const [name, condition] of [
    ['asking', 'forbidden'],
    ['nowhere', 'item-not-found'],
    ['__proto__', 'item-not-found'],
  ] as const) {
    const answer = await command(romeo, ` sessionid='${session}'`, choose(name))
    assert.match(serialize(answer as Element), new RegExp(`<${condition}`))
  }
})

test('XEP-0060 §10: get-pending is advertised where there are commands, and last-published where it is so', async () => {
  const features = async (extensions: typeof service | [typeof pubsub], options: object) => {
    await using local = await nodesServer({ pubsub: extensions, pubsubOptions: options })
    return local.server.host('pubsub.localhost')?.advertised.features ?? []
  }
  const all = await features(service, { defaults: { 'pubsub#send_last_published_item': 'on_sub' } })
  for (const feature of [node, 'http://jabber.org/protocol/pubsub#last-published']) {
    assert.ok([...all].includes(feature), feature)
    assert.ok(![...(await features([pubsub], {}))].includes(feature), feature)
  }
})
