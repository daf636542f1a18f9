// What every library of others does, whatever carries it: a list of cases that the library's test calls.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { disco } from '../../src/extensions/disco/disco.ts'
import { muc } from '../../src/extensions/muc/muc.ts'
import { standard } from '../../src/extensions/standard/standard.ts'
import type { Extension } from '../../src/host/extension.ts'
import { jid } from '../../src/jid/jid.ts'
import type { MemoryClient } from '../../src/server/memory-client.ts'
import type { Server } from '../../src/server/server.ts'
import { pairOf } from '../tls-server.ts'
import { webServer } from '../web.ts'
import { type Wire, wireTo } from './cut.ts'

/** Where and as whom somebody logs in, at `localhost`. */
export interface LibraryLogin {
  readonly webSocketUrl: string
  readonly boshUrl: string
  readonly host: string
  /** The port for clients, with STARTTLS. */
  readonly port: number
  /** The file with the certificate to trust there. */
  readonly certificate: string
  readonly name: string
  readonly password: string
}

/** Somebody who uses a library; each does the same in its own way. */
export interface LibraryPerson {
  /** Logs in and shows presence; answers the full address. */
  start(): Promise<string>
  /** Sends a message. */
  say(to: string, type: 'chat' | 'groupchat', body: string): void
  /** Resolves when a message with that body has come. */
  heard(body: string): Promise<void>
  /** Enters a room; resolves when inside. */
  enter(room: string, nick: string): Promise<void>
  /** How many messages the own archive has. */
  archived(): Promise<number>
  /** The connection has been cut: resolves when it is made up for. */
  isBack(): Promise<void>
  stop(): Promise<void>
}

/** What a library needs besides. */
export interface LibraryTestOptions {
  /** Further extensions of the server. */
  readonly extensions?: readonly Extension[]
  /** Why it cannot be tested here. */
  readonly skip?: string | false
}

/** A server whose ports are at the end of wires, and how one of its users logs in there. */
interface Place {
  readonly server: Server
  readonly wires: readonly Wire[]
  readonly login: LibraryLogin
}

const room = 'hall@rooms.localhost'
const patienceMs = 120_000

async function place(t: TestContext, extensions: readonly Extension[]): Promise<Place> {
  const { server, port: httpPort } = await webServer(t, {
    hosts: {
      localhost: { extensions: [...standard, ...extensions] },
      'rooms.localhost': { extensions: [disco, muc] },
    },
  })
  server.setTls('localhost', pairOf('localhost'))
  const client = await server.listen({ kind: 'starttls', host: '127.0.0.1', port: 0 })
  const accounts = server.host('localhost')?.accounts
  for (const name of ['romeo', 'juliet']) await accounts?.create(jid(`${name}@localhost`), 'sesame')
  const web = await wireTo(t, httpPort)
  const wire = await wireTo(t, client.port)
  const login = {
    webSocketUrl: `ws://localhost:${web.port}/xmpp-websocket`,
    boshUrl: `http://localhost:${web.port}/http-bind`,
    host: 'localhost',
    port: wire.port,
    certificate: fileURLToPath(new URL('../fixtures/tls/localhost.crt', import.meta.url)),
    name: 'romeo',
    password: 'sesame',
  }
  return { server, wires: [web, wire], login }
}

async function untilHeard(client: MemoryClient, body: string): Promise<void> {
  for (;;) {
    const stanza = await client.receive()
    if (!stanza) throw new Error(`${body} did not come`)
    if (stanza.child('body', 'jabber:client')?.text === body) return
  }
}

async function talk(romeo: LibraryPerson, address: string, juliet: MemoryClient): Promise<void> {
  romeo.say('juliet@localhost', 'chat', 'soft & low é🌹')
  await untilHeard(juliet, 'soft & low é🌹')
  await juliet.send(`<message to='${address}' type='chat' id='1'><body>who’s there?</body></message>`)
  await romeo.heard('who’s there?')
}

async function meetInRoom(romeo: LibraryPerson, juliet: MemoryClient): Promise<void> {
  await juliet.send(`<presence to='${room}/Juliet'><x xmlns='http://jabber.org/protocol/muc'/></presence>`)
  await juliet.send(
    `<iq type='set' id='o' to='${room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`,
  )
  await romeo.enter(room, 'Romeo')
  romeo.say(room, 'groupchat', 'to all')
  await romeo.heard('to all')
  await untilHeard(juliet, 'to all')
}

async function comeBack(romeo: LibraryPerson, address: string, juliet: MemoryClient): Promise<void> {
  await juliet.send(`<message to='${address}' type='chat' id='2'><body>meanwhile</body></message>`)
  await romeo.isBack()
  await romeo.heard('meanwhile')
  romeo.say('juliet@localhost', 'chat', 'back')
  await untilHeard(juliet, 'back')
  // Still inside, without having entered again.
  await juliet.send(`<message to='${room}' type='groupchat' id='3'><body>still here?</body></message>`)
  await romeo.heard('still here?')
}

async function goThrough({ server, wires }: Place, romeo: LibraryPerson): Promise<void> {
  const juliet = await server.connect('juliet@localhost/balcony')
  await juliet.send('<presence/>')

  const address = await romeo.start()
  assert.match(address, /^romeo@localhost\/./)
  await talk(romeo, address, juliet)
  await meetInRoom(romeo, juliet)
  assert.equal(await romeo.archived(), 2)

  for (const wire of wires) wire.cut()
  await comeBack(romeo, address, juliet)
  const sessions = server.host('localhost')?.loaded.get('romeo')?.sessionsByResource
  assert.deepEqual([...(sessions?.keys() ?? [])], [address.slice('romeo@localhost/'.length)])
}

/** Waits for what a library may never do. */
async function patiently(done: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => reject(new Error('it has waited in vain')), patienceMs)
  await Promise.race([done, promise]).finally(() => clearTimeout(timer))
}

/** Tests that a library logs in, talks, is in a room, reads the archive and comes back after its connection was cut. */
export function testLibrary(
  library: string,
  make: (login: LibraryLogin) => LibraryPerson,
  { extensions = [], skip = false }: LibraryTestOptions = {},
): void {
  test(`${library} logs in, talks, enters a room, reads the archive and comes back`, { skip }, async (t) => {
    const meeting = await place(t, extensions)
    const romeo = make(meeting.login)
    try {
      await patiently(goThrough(meeting, romeo))
    } finally {
      await romeo.stop()
    }
  })
}
