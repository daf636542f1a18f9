import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, type InMemoryParts, inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { ping } from '../ping/ping.ts'
import { blocking } from './blocking.ts'

const namespace = 'urn:xmpp:blocking'
const start = (parts: InMemoryParts = {}) => inMemoryServer({ extensions: [blocking, ping], ...parts })

const command = (client: MemoryClient, name: string, ...addresses: string[]) =>
  client.send(
    `<iq type='set' id='${name}'><${name} xmlns='${namespace}'>${addresses.map((jid) => `<item jid='${jid}'/>`).join('')}</${name}></iq>`,
  )

/** What came, in short. */
function told(client: MemoryClient): string[] {
  return client.takeAll().map((stanza) => {
    const error = stanza.child('error')
    if (error)
      return `error ${error.elements()[0]?.name}${error.child('blocked', 'urn:xmpp:blocking:errors') ? ' blocked' : ''}`
    const [payload] = stanza.elements()
    if (payload?.namespace === namespace) {
      return [payload.name, ...payload.elements().map((item) => item.attribute('jid'))].join(' ')
    }
    return `${stanza.name} ${stanza.attribute('type') ?? ''}`.trim()
  })
}

async function friends(local: InMemory): Promise<[MemoryClient, MemoryClient]> {
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send('<presence/>')
  await juliet.send('<presence/>')
  await juliet.send(`<presence type='subscribe' to='romeo@localhost'/>`)
  await romeo.send(`<presence type='subscribed' to='juliet@localhost'/>`)
  for (const client of [romeo, juliet]) client.takeAll()
  return [romeo, juliet]
}

test('XEP-0191 §3.2: the list is what was blocked, and is kept', async () => {
  const storage = sqlite(':memory:')
  {
    await using local = await start({ storage: { ...storage, close: async () => {} } })
    const romeo = await local.connect('romeo@localhost/orchard')
    await command(romeo, 'block', 'juliet@localhost', 'example.org')
    await command(romeo, 'unblock', 'example.org')
    assert.deepEqual(told(romeo), ['iq result', 'iq result'])
  }
  await using local = await start({ storage })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(`<iq type='get' id='l'><blocklist xmlns='${namespace}'/></iq>`)
  assert.deepEqual(told(romeo), ['blocklist juliet@localhost'])
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send(`<message to='romeo@localhost/orchard'><body>hi</body></message>`)
  assert.deepEqual([told(juliet), told(romeo)], [['error service-unavailable'], []], 'and still holds')
})

test('XEP-0191 §3.3: sessions that asked for the list get its changes, after the result', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const phone = await local.connect('romeo@localhost/phone')
  await romeo.send(`<iq type='get' id='l'><blocklist xmlns='${namespace}'/></iq>`)
  told(romeo)
  await command(romeo, 'block', 'juliet@localhost')
  assert.deepEqual(told(romeo), ['iq result', 'block juliet@localhost'])
  await command(phone, 'unblock')
  assert.deepEqual(told(romeo), ['unblock'])
  assert.deepEqual(told(phone), ['iq result'])
})

test('XEP-0191 §3.3: who is blocked sees the account as if nobody were there', async () => {
  await using local = await start()
  const [romeo, juliet] = await friends(local)
  await command(romeo, 'block', 'juliet@localhost')
  assert.deepEqual(told(juliet), ['presence unavailable'])
  await romeo.send('<presence><show>away</show></presence>')
  told(romeo)
  await juliet.send(`<presence to='romeo@localhost/orchard'/>`)
  await juliet.send(`<presence type='probe' to='romeo@localhost'/>`)
  assert.deepEqual(told(juliet), [])
  await juliet.send(`<message to='romeo@localhost' type='chat'><body>hi</body></message>`)
  await juliet.send(`<iq type='get' id='p' to='romeo@localhost/orchard'><ping xmlns='urn:xmpp:ping'/></iq>`)
  await juliet.send(`<iq type='result' id='p' to='romeo@localhost/orchard'/>`)
  assert.deepEqual(told(juliet), ['error service-unavailable', 'error service-unavailable'])
  await juliet.send(`<iq type='error' id='p' to='romeo@localhost/orchard'/>`)
  assert.deepEqual([told(juliet), told(romeo)], [[], []])
})

test('XEP-0191 §3.3: of every type of message an answer says that nobody is there; but for errors, which have none', async () => {
  await using local = await start()
  const [romeo, juliet] = await friends(local)
  await command(romeo, 'block', 'juliet@localhost')
  for (const client of [romeo, juliet]) told(client)
  for (const to of ['romeo@localhost', 'romeo@localhost/orchard']) {
    for (const type of ['chat', 'normal', 'headline', 'groupchat', 'error']) {
      await juliet.send(`<message to='${to}' type='${type}'><body>hi</body></message>`)
      assert.deepEqual(told(juliet), type === 'error' ? [] : ['error service-unavailable'], `${type} ${to}`)
    }
  }
  assert.deepEqual(told(romeo), [])
})

test('XEP-0191 §3.3: who was shown presence directly sees it end with the block, once; others do not', async () => {
  await using local = await inMemoryServer({ extensions: [blocking] })
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  const nurse = await local.connect('nurse@localhost/x')
  for (const client of [juliet, nurse]) await romeo.send(`<presence to='${client.jid}'/>`)
  for (const client of [juliet, nurse]) client.takeAll()
  await romeo.send(
    `<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='juliet@localhost'/></block></iq>`,
  )
  assert.equal((await juliet.receive())?.attribute('type'), 'unavailable')
  assert.deepEqual(nurse.takeAll(), [])
  romeo.close()
  assert.equal((await nurse.receive())?.attribute('type'), 'unavailable')
  assert.deepEqual(juliet.takeAll(), [])
})

test('XEP-0191 §3.3: nothing goes to whom one blocks, and the error says why', async () => {
  await using local = await start()
  const [romeo, juliet] = await friends(local)
  await command(romeo, 'block', 'juliet@localhost')
  for (const client of [romeo, juliet]) told(client)
  await romeo.send(`<message to='juliet@localhost/balcony' type='chat' id='m'><body>hi</body></message>`)
  await romeo.send(`<presence to='juliet@localhost/balcony' id='p'/>`)
  await romeo.send(`<iq type='get' id='i' to='juliet@localhost/balcony'><ping xmlns='urn:xmpp:ping'/></iq>`)
  assert.deepEqual(told(romeo), Array(3).fill('error not-acceptable blocked'))
  assert.deepEqual(told(juliet), [])
})

test('XEP-0191 §3.4: who is unblocked sees the account again', async () => {
  await using local = await start()
  const [romeo, juliet] = await friends(local)
  await command(romeo, 'block', 'juliet@localhost')
  told(juliet)
  await command(romeo, 'unblock', 'juliet@localhost')
  assert.deepEqual(told(juliet), ['presence'])
  await juliet.send(`<message to='romeo@localhost' type='chat'><body>hi</body></message>`)
  assert.equal(told(romeo).at(-1), 'message chat')
})

test('XEP-0191 §3.3, §3.4: presence ends and comes back for those alone who may see it, clients of theirs included', async () => {
  await using local = await start()
  const [romeo, juliet] = await friends(local)
  const phone = await local.connect('juliet@localhost/phone')
  const tybalt = await local.connect('tybalt@localhost/street')
  for (const client of [phone, tybalt]) await client.send('<presence/>')
  const seen = async (name: string, ...addresses: string[]) => {
    for (const client of [juliet, phone, tybalt]) told(client)
    await command(romeo, name, ...addresses)
    return [juliet, phone, tybalt].map(told)
  }
  assert.deepEqual(await seen('block', 'juliet@localhost/phone'), [[], ['presence unavailable'], []])
  assert.deepEqual(await seen('unblock', 'juliet@localhost/phone'), [[], ['presence'], []])
  assert.deepEqual(await seen('block', 'tybalt@localhost', 'tybalt@localhost/street'), [[], [], []])
  const both = (what: string) => [[what], [what], []]
  assert.deepEqual(await seen('block', 'localhost'), both('presence unavailable'))
  assert.deepEqual(await seen('unblock'), both('presence'), '§3.5')
})

test('XEP-0191 §5: one client of an account is not kept from another, whatever is blocked', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const phone = await local.connect('romeo@localhost/phone')
  await romeo.send('<presence/>')
  told(romeo)
  await command(romeo, 'block', 'localhost', 'romeo@localhost', 'romeo@localhost/phone')
  assert.deepEqual(told(romeo), ['iq result'])
  await phone.send('<presence/>')
  told(phone)
  await phone.send(`<message to='romeo@localhost/orchard'><body>hi</body></message>`)
  await phone.send(`<iq type='get' id='p' to='romeo@localhost/orchard'><ping xmlns='urn:xmpp:ping'/></iq>`)
  await phone.send(`<presence to='romeo@localhost/orchard'/>`)
  assert.deepEqual(told(phone), [])
  assert.deepEqual(told(romeo), ['presence', 'message', 'iq get', 'presence'])
})

test('XEP-0191 §6: full address, bare address, domain with resource, domain', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const clients = [
    await local.connect('juliet@localhost/balcony'),
    await local.connect('juliet@localhost/phone'),
  ]
  const reaches = async (...blocked: string[]) => {
    await command(romeo, 'block', ...blocked)
    for (const client of clients)
      await client.send(`<message to='romeo@localhost/orchard'><body>hi</body></message>`)
    await command(romeo, 'unblock')
    return clients.map((client) => told(client).length === 0)
  }
  assert.deepEqual(await reaches('juliet@localhost/balcony'), [false, true])
  assert.deepEqual(await reaches('juliet@localhost'), [false, false])
  assert.deepEqual(await reaches('localhost/phone'), [true, false])
  assert.deepEqual(await reaches('localhost'), [false, false])
  assert.deepEqual(await reaches('example.org'), [true, true])
})

test('a command without anybody, with a malformed address, or past the limit is refused and changes nothing', async () => {
  await using local = await start({ options: { blocking: { maxItems: 2 } } })
  const romeo = await local.connect('romeo@localhost/orchard')
  await command(romeo, 'block')
  await command(romeo, 'block', 'a@localhost', '@')
  await command(romeo, 'block', 'a@localhost', 'b@localhost', 'c@localhost')
  assert.deepEqual(told(romeo), ['error bad-request', 'error jid-malformed', 'error resource-constraint'])
  await romeo.send(`<iq type='get' id='l'><blocklist xmlns='${namespace}'/></iq>`)
  assert.deepEqual(told(romeo), ['blocklist'])
  await command(romeo, 'block', 'a@localhost', 'b@localhost')
  await command(romeo, 'block', 'b@localhost', 'b@localhost')
  assert.deepEqual(told(romeo), [
    'iq result',
    'block a@localhost b@localhost',
    'iq result',
    'block b@localhost b@localhost',
  ])
  await command(romeo, 'block', 'a@localhost', 'c@localhost')
  assert.deepEqual(told(romeo), ['error resource-constraint'])
})

test('an account cannot block itself out of its own house', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  await command(romeo, 'block', 'localhost')
  await romeo.send(`<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>`)
  await command(romeo, 'unblock', 'localhost')
  assert.deepEqual(told(romeo), ['iq result', 'iq result', 'iq result'])
})
