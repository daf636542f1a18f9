import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, messageIn } from '../../../test/archive.ts'
import { type InMemory, type InMemoryParts, inMemoryServer } from '../../../test/in-memory.ts'
import { withAppend } from '../../../test/with-append.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import type { Message } from '../../stanza/stanza.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Archive, Driver, NewArchiveEntry, Value } from '../../storage/storage.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { Element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { carbons } from '../carbons/carbons.ts'
import { archive } from './archive.ts'

const start = (parts: InMemoryParts = {}): Promise<InMemory> =>
  inMemoryServer({ extensions: [archive, carbons], ...parts })

async function online(local: InMemory, address: string): Promise<MemoryClient> {
  const client = await local.connect(address)
  await client.send('<presence/>')
  client.takeAll()
  return client
}

const chat = (to: string, body: string, more = '') =>
  `<message to='${to}' type='chat' id='${body}'><body>${body}</body>${more}</message>`

const stanzaIds = (message: Element | undefined) =>
  message?.elements('stanza-id', 'urn:xmpp:sid:0').map((mark) => mark.attribute('id')) ?? []

test('XEP-0313 §3: both sides of a conversation are in both archives, in order, as they were sent', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await romeo.send(chat('juliet@localhost', 'one', `<x xmlns='urn:x' y='z'/>`))
  await juliet.send(chat('romeo@localhost/orchard', 'two'))
  await romeo.send(`<message to='juliet@localhost/balcony'><body>three</body></message>`)
  for (const client of [romeo, juliet]) {
    const { bodies, results } = await ask(client)
    assert.deepEqual(bodies, ['one', 'two', 'three'])
    const [first, second, third] = results.map(messageIn)
    const addresses = [first?.attribute('from'), first?.attribute('to'), first?.attribute('type')]
    assert.deepEqual(addresses, ['romeo@localhost/orchard', 'juliet@localhost', 'chat'])
    assert.equal(first?.child('x', 'urn:x')?.attribute('y'), 'z')
    assert.equal(second?.attribute('id'), 'two')
    assert.equal(third?.attribute('to'), 'juliet@localhost/balcony')
  }
})

test('XEP-0313 §3.5: the receiver learns the id, the contact of a sender does not', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await romeo.send(chat('juliet@localhost', 'one'))
  const [received] = juliet.takeAll()
  const marks = received?.elements('stanza-id', 'urn:xmpp:sid:0') ?? []
  assert.deepEqual(
    marks.map((mark) => mark.attribute('by')),
    ['juliet@localhost'],
  )
  const { ids } = await ask(juliet)
  assert.deepEqual(stanzaIds(received), ids)
  assert.notDeepEqual((await ask(romeo)).ids, ids)
})

test('XEP-0313 §3.5: a copy of a sent message tells the sender’s other clients its id', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const phone = await online(local, 'romeo@localhost/phone')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await phone.send(`<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`)
  phone.takeAll()
  await romeo.send(chat('juliet@localhost', 'one'))
  await juliet.send(chat('romeo@localhost/orchard', 'two'))
  const copies = phone
    .takeAll()
    .map((copy) =>
      copy.elements()[0]?.child('forwarded', 'urn:xmpp:forward:0')?.child('message', 'jabber:client'),
    )
  const { ids, bodies } = await ask(phone)
  assert.deepEqual(bodies, ['one', 'two'], 'copies are not archived')
  assert.deepEqual(copies.flatMap(stanzaIds), ids)
})

test('XEP-0359 §3: ids that others claim to be the account’s are taken away, archived or not', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  const forged = `<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='f'/>`
  const others = `<stanza-id xmlns='urn:xmpp:sid:0' by='room@localhost' id='o'/>`
  await romeo.send(chat('juliet@localhost', 'one', forged + others + forged))
  await romeo.send(`<message to='juliet@localhost' type='chat'><a xmlns='urn:a'>${forged}</a></message>`)
  const [first, second] = juliet.takeAll()
  const { ids, results } = await ask(juliet)
  assert.deepEqual(stanzaIds(first), ['o', ...ids])
  assert.deepEqual(second?.child('a', 'urn:a')?.children, [])
  assert.deepEqual(results.map(messageIn).flatMap(stanzaIds), ['o'])
})

test('XEP-0359 §3: an account does not give ids of its own archive to what it sends', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  const forged = `<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='f'/>`
  await romeo.send(chat('juliet@localhost', 'one', forged))
  const [received] = juliet.takeAll()
  assert.ok(!stanzaIds(received).includes('f'))
  assert.deepEqual((await ask(romeo)).results.map(messageIn).flatMap(stanzaIds), [])
})

test('XEP-0313 §6.1.1: what an account sends to itself is archived once', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await romeo.send(chat('romeo@localhost', 'bare'))
  await romeo.send(chat('romeo@localhost/orchard', 'full'))
  await romeo.send(`<message type='chat'><body>nobody</body></message>`)
  const received = romeo.takeAll()
  const { bodies, ids } = await ask(romeo)
  assert.deepEqual(bodies, ['bare', 'full', 'nobody'])
  assert.deepEqual(received.flatMap(stanzaIds), ids)
})

test('a message that nobody is there to take is not refused if it is in the archive, else it is', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send(chat('juliet@localhost', 'kept'))
  assert.deepEqual(romeo.takeAll(), [])
  await romeo.send(chat('juliet@localhost', 'lost', `<no-store xmlns='urn:xmpp:hints'/>`))
  assert.deepEqual(
    romeo.takeAll().map((stanza) => stanza.attribute('type')),
    ['error'],
  )
  assert.deepEqual((await ask(juliet)).bodies, ['kept'])
  assert.deepEqual((await ask(romeo)).bodies, ['kept'], 'neither the error nor what is not to be kept')
})

test('XEP-0198 §4: a message that is delivered again keeps its id and is archived once', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await romeo.send(chat('juliet@localhost', 'one'))
  const [received] = juliet.takeAll()
  const message = parseStanza(received as Element, jid('romeo@localhost/orchard')) as Message
  await local.server.host('localhost')?.reception.redeliver(message, message)
  const [again] = juliet.takeAll()
  const { ids } = await ask(juliet)
  assert.equal(ids.length, 1)
  assert.deepEqual(stanzaIds(again), ids)
  juliet.close()
  await local.server.host('localhost')?.reception.redeliver(message, message)
  assert.deepEqual(romeo.takeAll(), [], 'it is in the archive, and not bounced')
})

/** A driver whose archives are as slow, and as full, as a test wants. */
class TestDriver {
  readonly #driver = sqlite(':memory:')
  /** Lets the appends that wait go on, in any order. */
  readonly waiting: (() => void)[] = []
  isSlow = false
  /** Owners whose archives take nothing. */
  readonly fullOwners = new Set<string>()

  get driver(): Driver {
    return { ...this.#driver, archive: (name) => this.#archive(this.#driver.archive(name)) }
  }

  letGo(): void {
    for (const letGo of this.waiting.splice(0)) letGo()
  }

  #archive<V extends Value>(inner: Archive<V>): Archive<V> {
    return withAppend(inner, (owner, entry, options) => this.#append(inner, owner, entry, options))
  }

  async #append<V extends Value>(
    inner: Archive<V>,
    owner: string,
    entry: NewArchiveEntry<V>,
    options: object | undefined,
  ): Promise<void> {
    if (this.fullOwners.has(owner)) throw new StorageError('full', 'the disk is full')
    const done = inner.append(owner, entry, options)
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve))
    await done
  }
}

for (const owners of [['romeo'], ['juliet'], ['romeo', 'juliet']]) {
  test(`a message that an archive of ${owners} cannot keep is refused once, though those online have it`, async () => {
    const storage = new TestDriver()
    await using local = await start({ storage: storage.driver })
    const romeo = await online(local, 'romeo@localhost/orchard')
    const juliet = await online(local, 'juliet@localhost/balcony')
    for (const owner of owners) storage.fullOwners.add(owner)
    await romeo.send(chat('juliet@localhost', 'one'))
    const [error, ...more] = romeo.takeAll()
    assert.deepEqual(more, [])
    assert.deepEqual(
      [
        error?.attribute('id'),
        error?.child('error')?.attribute('type'),
        error?.child('error')?.elements()[0]?.name,
      ],
      ['one', 'wait', 'resource-constraint'],
    )
    assert.equal(juliet.takeAll().length, 1)
    assert.deepEqual((await ask(juliet)).bodies, owners.includes('juliet') ? [] : ['one'])
    storage.fullOwners.clear()
    await romeo.send(chat('juliet@localhost', 'two'))
    assert.equal(juliet.takeAll().length, 1)
  })
}

test('a message is delivered at once and in order; it has been dealt with when both archives have it', async () => {
  const storage = new TestDriver()
  await using local = await start({ storage: storage.driver })
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await romeo.send(chat('juliet@localhost', 'before'))
  juliet.takeAll()
  storage.isSlow = true
  const dealtWith: string[] = []
  for (const body of ['one', 'two']) {
    void romeo.send(chat('juliet@localhost', body)).then(() => dealtWith.push(body))
  }
  await turns()
  assert.deepEqual(
    juliet.takeAll().map((message) => message.child('body')?.text),
    ['one', 'two'],
  )
  assert.deepEqual(dealtWith, [])
  storage.isSlow = false
  storage.letGo()
  await romeo.session.underway
  await turns()
  assert.deepEqual(dealtWith, ['one', 'two'])
})

/** Lets everything happen that waits for nothing outside. */
function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('an account that is removed leaves nothing in its archive to the next of its name', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await romeo.send(chat('romeo@localhost', 'one'))
  await local.server.host('localhost')?.accounts.remove(jid('romeo@localhost'))
  const next = await online(local, 'romeo@localhost/orchard')
  assert.deepEqual((await ask(next)).bodies, [])
})

test('what is kept is well-formed by itself', async () => {
  const storage = sqlite(':memory:')
  await using local = await start({ storage })
  const romeo = await online(local, 'romeo@localhost/orchard')
  await romeo.send(chat('romeo@localhost', 'one', `<x xmlns='urn:x'><y xmlns=''>&amp;</y></x>`))
  const page = await storage.archive<string>('localhost/archive').find('romeo', { limit: 1 })
  const kept = parseDocument(page?.entries[0]?.value ?? '') as Element
  assert.ok(kept.is('message', 'jabber:client'))
  assert.equal(kept.child('x', 'urn:x')?.child('y', '')?.text, '&')
})
