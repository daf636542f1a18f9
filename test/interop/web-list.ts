// What every library of others does over WebSocket or BOSH, as a list of cases that its test calls.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { disco } from '../../src/extensions/disco/disco.ts'
import { muc } from '../../src/extensions/muc/muc.ts'
import { standard } from '../../src/extensions/standard/standard.ts'
import type { Extension } from '../../src/host/extension.ts'
import { jid } from '../../src/jid/jid.ts'
import type { MemoryClient } from '../../src/server/memory-client.ts'
import { webServer } from '../web.ts'
import { wireTo } from './cut.ts'

/** Where and as whom a person logs in. */
export interface WebLogin {
  readonly webSocketUrl: string
  readonly boshUrl: string
  readonly name: string
  readonly password: string
}

/** Somebody who uses a library; each does the same in its own way. */
export interface WebPerson {
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
export interface WebTestOptions {
  /** Further extensions of the server. */
  readonly extensions?: readonly Extension[]
  /** Why it cannot be tested here. */
  readonly skip?: string | false
}

const room = 'hall@rooms.localhost'

async function untilHeard(client: MemoryClient, body: string): Promise<void> {
  for (;;) {
    const stanza = await client.receive()
    if (!stanza) throw new Error(`${body} did not come`)
    if (stanza.child('body', 'jabber:client')?.text === body) return
  }
}

/** Tests that a library logs in, talks, is in a room, reads the archive and comes back after its connection was cut. */
export function testWebPerson(
  library: string,
  make: (login: WebLogin) => WebPerson,
  { extensions = [], skip = false }: WebTestOptions = {},
): void {
  test(`${library} logs in, talks, enters a room, reads the archive and comes back`, { skip }, async (t) => {
    const { server, port } = await webServer(t, {
      hosts: {
        localhost: { extensions: [...standard, ...extensions] },
        'rooms.localhost': { extensions: [disco, muc] },
      },
    })
    const accounts = server.host('localhost')?.accounts
    for (const name of ['romeo', 'juliet']) await accounts?.create(jid(`${name}@localhost`), 'sesame')
    const wire = await wireTo(t, port)
    const host = `localhost:${wire.port}`
    const romeo = make({
      webSocketUrl: `ws://${host}/xmpp-websocket`,
      boshUrl: `http://${host}/http-bind`,
      name: 'romeo',
      password: 'sesame',
    })
    try {
      const juliet = await server.connect('juliet@localhost/balcony')
      await juliet.send('<presence/>')

      const address = await romeo.start()
      assert.match(address, /^romeo@localhost\/./)
      romeo.say('juliet@localhost', 'chat', 'soft & low é🌹')
      await untilHeard(juliet, 'soft & low é🌹')
      await juliet.send(`<message to='${address}' type='chat' id='1'><body>who’s there?</body></message>`)
      await romeo.heard('who’s there?')

      await juliet.send(
        `<presence to='${room}/Juliet'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      )
      await juliet.send(
        `<iq type='set' id='o' to='${room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`,
      )
      await romeo.enter(room, 'Romeo')
      romeo.say(room, 'groupchat', 'to all')
      await romeo.heard('to all')
      await untilHeard(juliet, 'to all')
      assert.equal(await romeo.archived(), 2)

      wire.cut()
      await juliet.send(`<message to='${address}' type='chat' id='2'><body>meanwhile</body></message>`)
      await romeo.isBack()
      await romeo.heard('meanwhile')
      romeo.say('juliet@localhost', 'chat', 'back')
      await untilHeard(juliet, 'back')
      const sessions = server.host('localhost')?.loaded.get('romeo')?.sessionsByResource
      assert.deepEqual([...(sessions?.keys() ?? [])], [address.slice('romeo@localhost/'.length)])
    } finally {
      await romeo.stop()
    }
  })
}
