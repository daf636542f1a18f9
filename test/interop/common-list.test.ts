// @xmpp/client over WebSocket and TCP, stanza over WebSocket and slixmpp over TCP; strophe.js is in strophe.test.ts.
import { readFileSync } from 'node:fs'
import { setDefaultCACertificates } from 'node:tls'
import { type XmlNode, xml } from '@xmpp/client'
import { type Agent, createClient } from 'stanza'
import { type LibraryLogin, type LibraryPerson, testLibrary } from './common-list.ts'
import { Person } from './person.ts'
import { findSlixmpp, SlixmppPerson } from './slixmpp-person.ts'

class XmppClientPerson implements LibraryPerson {
  readonly #person: Person
  readonly #resumed: Promise<unknown>

  constructor({ certificate, name: username, password }: LibraryLogin, service: string) {
    setDefaultCACertificates([readFileSync(certificate, 'utf8')])
    this.#person = new Person({ service, domain: 'localhost', username, password, resource: 'library' })
    this.#person.xmpp.reconnect.delay = 50
    this.#resumed = new Promise((resolve) => this.#person.xmpp.streamManagement.on('resumed', resolve))
  }

  async start(): Promise<string> {
    const address = String(await this.#person.xmpp.start())
    await this.#person.xmpp.send(xml('presence'))
    return address
  }

  say(to: string, type: string, body: string): void {
    void this.#person.xmpp.send(xml('message', { to, type }, xml('body', {}, body)))
  }

  async heard(body: string): Promise<void> {
    await this.#person.receive(body, (stanza) => stanza.getChildText('body') === body)
  }

  async enter(room: string, nick: string): Promise<void> {
    const x = xml('x', { xmlns: 'http://jabber.org/protocol/muc' })
    await this.#person.xmpp.send(xml('presence', { to: `${room}/${nick}` }, x))
    await this.#person.receive('the own presence', (stanza) => {
      const user = stanza.getChild('x', 'http://jabber.org/protocol/muc#user')
      return user?.getChildren('status').some(({ attrs }) => attrs.code === '110') ?? false
    })
  }

  async archived(): Promise<number> {
    let count = 0
    this.#person.xmpp.on('stanza', (stanza: XmlNode) => {
      if (stanza.getChild('result', 'urn:xmpp:mam:2')) count += 1
    })
    await this.#person.xmpp.iqCaller.set(xml('query', { xmlns: 'urn:xmpp:mam:2' }))
    return count
  }

  async isBack(): Promise<void> {
    await this.#resumed
  }

  async stop(): Promise<void> {
    await this.#person.xmpp.stop()
  }
}

class StanzaPerson implements LibraryPerson {
  readonly #agent: Agent
  readonly #heard: string[] = []
  readonly #resumed: Promise<unknown>
  #wake = () => {}

  constructor({ webSocketUrl, name, password }: LibraryLogin) {
    this.#agent = createClient({
      jid: `${name}@localhost`,
      password,
      autoReconnect: true,
      transports: { websocket: webSocketUrl, bosh: false },
    })
    this.#resumed = new Promise((resolve) => this.#agent.on('stream:management:resumed', resolve))
    this.#agent.on('message', ({ body }) => {
      if (body) this.#heard.push(body)
      this.#wake()
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#agent.on('session:started', () => resolve())
      this.#agent.on('auth:failed', () => reject(new Error('stanza could not log in')))
      this.#agent.connect()
    })
    this.#agent.sendPresence()
    return this.#agent.jid
  }

  say(to: string, type: 'chat' | 'groupchat', body: string): void {
    this.#agent.sendMessage({ to, type, body })
  }

  async heard(body: string): Promise<void> {
    while (!this.#heard.includes(body)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async enter(room: string, nick: string): Promise<void> {
    await this.#agent.joinRoom(room, nick)
  }

  async archived(): Promise<number> {
    return (await this.#agent.searchHistory({})).results?.length ?? 0
  }

  async isBack(): Promise<void> {
    await this.#resumed
  }

  async stop(): Promise<void> {
    this.#agent.config.autoReconnect = false
    this.#agent.disconnect()
  }
}

/** Its xep_0198 plugin comes back with stream management once somebody has it connect again. */
class SlixmppLibraryPerson implements LibraryPerson {
  readonly #login: LibraryLogin
  #started: SlixmppPerson | undefined

  constructor(login: LibraryLogin) {
    this.#login = login
  }

  get #person(): SlixmppPerson {
    if (!this.#started) throw new Error('slixmpp is not online')
    return this.#started
  }

  async start(): Promise<string> {
    const { name, password, port, certificate } = this.#login
    this.#started = await SlixmppPerson.online({ jid: `${name}@localhost`, password, port, certificate })
    return this.#started.address
  }

  say(to: string, type: string, body: string): void {
    void this.#person.tell('say', to, body, type)
  }

  async heard(body: string): Promise<void> {
    await this.#person.receive(body, (told) => told.event === 'message' && told.body === body)
  }

  async enter(room: string, nick: string): Promise<void> {
    const { error } = await this.#person.tell('join', room, nick)
    if (error) throw new Error(`slixmpp could not enter ${room}: ${error}`)
  }

  async archived(): Promise<number> {
    const { result } = await this.#person.tell('archive', null, 10)
    return (result as string[]).length
  }

  async isBack(): Promise<void> {
    await this.#person.receive('coming back', ({ event }) => event === 'resumed')
  }

  async stop(): Promise<void> {
    await this.#started?.[Symbol.asyncDispose]()
  }
}

const slixmpp = findSlixmpp()
const skip = 'reason' in slixmpp ? `no slixmpp here: ${slixmpp.reason}` : false

testLibrary('@xmpp/client over WebSocket', (login) => new XmppClientPerson(login, login.webSocketUrl))
testLibrary(
  '@xmpp/client over TCP',
  (login) => new XmppClientPerson(login, `xmpp://${login.host}:${login.port}`),
)
testLibrary('stanza over WebSocket', (login) => new StanzaPerson(login))
testLibrary('slixmpp over TCP', (login) => new SlixmppLibraryPerson(login), { skip })
