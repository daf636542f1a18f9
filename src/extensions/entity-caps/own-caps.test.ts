// XEP-0115 §6: the server's own caps.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, connectedPeer } from '../../../test/in-memory-peer.ts'
import { bindRequest, header, type TestPeer } from '../../../test/stream-peer.ts'
import type { Element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { ping } from '../ping/ping.ts'
import { entityCaps } from './entity-caps.ts'
import { verificationOf } from './verification.ts'

const infoNamespace = 'http://jabber.org/protocol/disco#info'
const itemsNamespace = 'http://jabber.org/protocol/disco#items'

/** A client that has a resource, and the caps that it was shown before. */
async function loggedIn(local: InMemory): Promise<{ peer: TestPeer; node: string; ver: string }> {
  const peer = await authenticatedPeer(local)
  const shown = /<c xmlns='http:\/\/jabber.org\/protocol\/caps' hash='sha-1' node='([^']*)' ver='([^']*)'\/>/
  const [, node = '', ver = ''] = shown.exec(peer.features) ?? []
  await peer.exchange(bindRequest())
  return { peer, node, ver }
}

async function ask(peer: TestPeer, namespace: string, node = ''): Promise<Element> {
  const attribute = node === '' ? '' : ` node='${node}'`
  const text = await peer.exchange(
    `<iq type='get' id='q' to='localhost'><query xmlns='${namespace}'${attribute}/></iq>`,
  )
  return parseDocument(text) as Element
}

test('XEP-0115 §6.3: those who have logged in are told the server’s caps, which are those of its disco#info', async () => {
  await using local = await inMemoryServer({ extensions: [entityCaps] })
  const before = await connectedPeer(local).exchange(header())
  assert.doesNotMatch(before, /protocol\/caps/)
  assert.match(before, /<stream:stream [^>]*from='localhost'/, 'whom to ask stands in the header')
  const { peer, node, ver } = await loggedIn(local)
  for (const asked of ['', `${node}#${ver}`]) {
    const query = (await ask(peer, infoNamespace, asked)).child('query', infoNamespace) as Element
    assert.equal(verificationOf(query, 'sha-1'), ver)
    const features = query.elements('feature').map((feature) => feature.attribute('var'))
    assert.ok(features.includes('http://jabber.org/protocol/caps'), '§7')
    assert.ok(!features.includes('http://jabber.org/protocol/caps#optimize'), '§8.4: nothing is left out')
    assert.equal(query.attribute('node'), asked === '' ? undefined : asked)
  }
  assert.equal((await ask(peer, infoNamespace, `${node}#old`)).attribute('type'), 'error')
})

test('XEP-0115 §6.2: the node of the caps is not listed', async () => {
  await using local = await inMemoryServer({ extensions: [entityCaps] })
  const { peer } = await loggedIn(local)
  const query = (await ask(peer, itemsNamespace)).child('query', itemsNamespace)
  assert.deepEqual(query?.elements(), [])
})

test('XEP-0115 §6.1: when the server can do more or less, its caps are others', async () => {
  await using local = await inMemoryServer({ extensions: [entityCaps, ping] })
  const { peer, node, ver } = await loggedIn(local)
  local.server.host('localhost')?.extensions.unload(ping)
  const later = await loggedIn(local)
  assert.notEqual(later.ver, ver)
  const query = (await ask(later.peer, infoNamespace, `${node}#${later.ver}`)).child('query', infoNamespace)
  assert.equal(query && verificationOf(query, 'sha-1'), later.ver)
  assert.equal((await ask(peer, infoNamespace, `${node}#${ver}`)).attribute('type'), 'error')
})

test('XEP-0115 §8.4: presence passes with its caps, each time', async () => {
  await using local = await inMemoryServer({ extensions: [entityCaps] })
  const juliet = await local.connect('juliet@localhost/balcony')
  const romeo = await local.connect('romeo@localhost/orchard')
  const caps = `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:client' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>`
  for (let times = 0; times < 2; times++)
    await romeo.send(`<presence to='juliet@localhost/balcony'>${caps}</presence>`)
  const shown = juliet.takeAll().map((presence) => presence.child('c', 'http://jabber.org/protocol/caps'))
  assert.deepEqual(
    shown.map((c) => c?.attribute('ver')),
    Array(2).fill('QgayPKawpkPSDYmwT/WM94uAlu0='),
  )
})
