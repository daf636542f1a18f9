// The hot parts, each alone: what is made beforehand, and what is then done over and over.
import { muc } from '../../src/extensions/muc/muc.ts'
import { standard } from '../../src/extensions/standard/standard.ts'
import { openSession } from '../../src/host/bind.ts'
import { Line } from '../../src/host/line.ts'
import { Router } from '../../src/host/router.ts'
import { jid, parseJid } from '../../src/jid/jid.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import type { ClientSession } from '../../src/session/client.ts'
import type { SessionStream } from '../../src/session/session.ts'
import { Message } from '../../src/stanza/stanza.ts'
import { Engine } from '../../src/storage/engine.ts'
import type { Operation } from '../../src/storage/operation.ts'
import { memory } from '../../src/storage/sqlite.ts'
import type { Element } from '../../src/xml/element.ts'
import { serialize } from '../../src/xml/serialize.ts'
import { parseDocument, XmlReader } from '../../src/xml/xml.ts'
import { accountName, domain, resource, roomDomain } from '../generator/login.ts'
import { keepAccounts } from '../servers/balcony-accounts.ts'
import { unhurriedRooms } from '../servers/unlimited.ts'

/** A hot part. */
export interface Part {
  readonly name: string
  /** What is counted. */
  readonly unit: string
  /** Gets everything ready; what it answers does the thing some times and says how often. */
  make(): Promise<() => number>
}

const perCall = 100
const occupants = 200
const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
const body = 'Will you not go and look from the balcony, whether he is coming up the road?'
const chat = `<message to='user0@localhost/bench' type='chat' id='m1'><body>${body}</body><active xmlns='http://jabber.org/protocol/chatstates'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>`

/** All of them, from the bytes that come in to those that are kept. */
export const parts: readonly Part[] = [
  { name: 'reader', unit: 'message', make: makeReader },
  { name: 'serializer', unit: 'message', make: makeSerializer },
  { name: 'address', unit: 'address', make: makeAddress },
  { name: 'router', unit: 'stanza', make: makeRouter },
  { name: 'line', unit: 'item through eight steps', make: makeLine },
  { name: 'chat', unit: 'message from session to session', make: makeChat },
  { name: 'room broadcast', unit: `delivery in a room of ${occupants}`, make: makeBroadcast },
  { name: 'archive write', unit: 'entry, in memory', make: makeArchive },
]

async function makeReader() {
  const bytes = Buffer.from(chat)
  let seen = 0
  const onElement = () => {
    seen += 1
  }
  const reader = new XmlReader({ onOpen() {}, onElement, onClose() {} })
  reader.push(Buffer.from(header))
  return repeat(
    () => reader.push(bytes),
    () => seen,
  )
}

async function makeSerializer() {
  const element = elementOf(chat)
  let length = 0
  return repeat(
    () => {
      length += serialize(element, 'jabber:client').length
    },
    lengthOver(() => length),
  )
}

async function makeAddress() {
  let found = 0
  return repeat(
    () => {
      if (parseJid('romeo@montague.example/orchard')?.resource === 'orchard') found += 1
    },
    () => found,
  )
}

async function makeRouter() {
  const router = new Router()
  let received = 0
  const receive = () => {
    received += 1
  }
  for (const name of ['localhost', 'rooms.localhost', 'upload.localhost']) router.add(name, { receive })
  const parts = { from: jid('juliet@localhost/balcony'), to: jid('romeo@localhost/orchard'), children: [] }
  const message = new Message('chat', parts)
  return repeat(
    () => void router.route(message),
    () => received,
  )
}

function countStep(item: { steps: number }): void {
  item.steps += 1
}

async function makeLine() {
  const phases = ['check', 'stamp', 'archive', 'target', 'copy', 'deliver', 'store', 'notify'] as const
  const line = new Line<(typeof phases)[number], { steps: number }>(phases)
  for (const phase of phases) line.add(phase, countStep)
  const item = { steps: 0 }
  return repeat(
    () => void line.run(item),
    () => item.steps / phases.length,
  )
}

async function makeChat() {
  const server = await startServer(2)
  const romeo = await openClient(server, 0)
  const juliet = await openClient(server, 1)
  const element = elementOf(chat)
  await firstTime(juliet, element)
  return repeat(
    () => void juliet.session.receive(element),
    () => romeo.sink.sent,
  )
}

async function makeBroadcast() {
  const server = await startServer(occupants)
  const clients: Client[] = []
  const room = 'room@rooms.localhost'
  for (let index = 0; index < occupants; index += 1) {
    const client = await openClient(server, index)
    const join = `<presence to='${room}/nick${index}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`
    await client.session.receive(elementOf(join))
    if (index === 0) await client.session.receive(elementOf(unlockOf(room)))
    clients.push(client)
  }
  const element = elementOf(`<message to='${room}' type='groupchat' id='m1'><body>${body}</body></message>`)
  for (const client of clients) await firstTime(client, element)
  const count = () => clients.reduce((sum, { sink }) => sum + sink.sent, 0)
  return () => {
    const before = count()
    for (let index = 0; index < perCall; index += 1) void clients[0]?.session.receive(element)
    const delivered = count() - before
    if (delivered !== perCall * occupants) throw new Error(`${delivered} deliveries`)
    return delivered
  }
}

async function makeArchive() {
  const engine = new Engine({ path: ':memory:' })
  let count = 0
  return () => {
    const batch: Operation[] = []
    for (let index = 0; index < perCall; index += 1) {
      count += 1
      const id = `${(count * 2_654_435_761) % 2 ** 32}-${count}`
      const entry = { id, when: count, with: 'romeo@localhost', resource: 'orchard', value: chat, text: body }
      batch.push({ kind: 'append', store: 'archive', owner: `user${count % 8}`, keep: 1_000_000, entry })
    }
    for (const outcome of engine.run(batch)) if ('fault' in outcome) throw new Error(outcome.fault.message)
    return perCall
  }
}

/** Does something a hundred times; `counted` says how often it has really been done. */
function repeat(action: () => void, counted: () => number): () => number {
  return () => {
    const before = counted()
    for (let index = 0; index < perCall; index += 1) action()
    if (counted() - before !== perCall) throw new Error(`done ${counted() - before} times, not ${perCall}`)
    return perCall
  }
}

/** Counts what has been written by its length. */
function lengthOver(length: () => number): () => number {
  const one = serialize(elementOf(chat), 'jabber:client').length
  return () => length() / one
}

function elementOf(text: string): Element {
  const parsed = parseDocument(text, { namespaces: { '': 'jabber:client' } })
  if ('condition' in parsed) throw new Error(parsed.text)
  return parsed
}

function unlockOf(room: string): string {
  return `<iq to='${room}' type='set' id='u'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`
}

async function startServer(accounts: number): Promise<Server> {
  const storage = memory()
  const server = createServer({
    storage,
    hosts: {
      [domain]: { extensions: standard.filter(({ name }) => name !== 'archive') },
      [roomDomain]: { extensions: [muc] },
    },
    options: { muc: unhurriedRooms },
  })
  await server.start()
  await keepAccounts(storage, accounts, 1)
  return server
}

/** A stream that goes nowhere. */
class Sink implements SessionStream {
  readonly isSecure = true
  readonly remoteAddress = 'memory'
  sent = 0

  send(): void {
    this.sent += 1
  }

  close(): void {}
}

interface Client {
  readonly sink: Sink
  readonly session: ClientSession
}

/** What is read of accounts when something first comes from them, or for them, is not what is measured. */
async function firstTime({ session }: Client, element: Element): Promise<void> {
  await session.receive(element)
  await session.underway
  await new Promise((resolve) => setImmediate(resolve))
}

async function openClient(server: Server, index: number): Promise<Client> {
  const host = server.host(domain)
  const account = await host?.loaded.load(jid(`${accountName(index)}@${domain}`))
  if (!host || !account) throw new Error('no account')
  const sink = new Sink()
  return { sink, session: openSession(host, account, sink, resource) }
}
