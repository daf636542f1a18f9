// Somebody who changes what a server keeps, all the time: accounts, roster, rooms, one request after the other.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { DurableFacts, Fact, RoomState } from './durable-facts.ts'
import type { SeededRandom } from './random.ts'
import { RawClient } from './raw-client.ts'

const muc = 'http://jabber.org/protocol/muc'
const mostRooms = 3
const affiliations = ['owner', 'admin', 'member', 'outcast', 'none']

/** What traffic is made with. */
export interface TrafficParts {
  readonly test: TestContext
  readonly port: number
  readonly facts: DurableFacts
  readonly random: SeededRandom
  /** Told of every acknowledgement. */
  readonly onAcknowledged: () => void
}

/** Makes an account in-band (XEP-0077 §3.1), on a connection of its own. */
export async function registerAccount(parts: TrafficParts, name: string, password: string): Promise<void> {
  const fact = parts.facts.password(name)
  const client = await RawClient.connect(parts.test, parts.port)
  await client.open()
  fact.ask(password)
  await acknowledge(parts, client, fact, registration(name, password))
  client.destroy()
}

/** An account that is logged in and at work. */
export class Resident {
  readonly name: string
  readonly #parts: TrafficParts
  readonly #client: RawClient
  /** Rooms of which this connection is an occupant. */
  readonly #entered = new Set<string>()
  #made = 0

  private constructor(name: string, parts: TrafficParts, client: RawClient) {
    this.name = name
    this.#parts = parts
    this.#client = client
  }

  static async login(parts: TrafficParts, name: string): Promise<Resident> {
    const password = parts.facts.password(name).newest as string
    const client = await RawClient.login(parts.test, parts.port, { user: name, password })
    const resident = new Resident(name, parts, client)
    for (const [local, { owner }] of parts.facts.rooms) if (owner === name) await resident.#enterAgain(local)
    return resident
  }

  /** Goes on until the connection ends, and says why it did. */
  async work(): Promise<unknown> {
    try {
      for (;;) await this.#workOnce()
    } catch (error) {
      return error
    }
  }

  #workOnce(): Promise<void> {
    const { random } = this.#parts
    const rooms = this.#ownRooms()
    if (rooms.length === 0 || (rooms.length < mostRooms && random.below(4) === 0)) return this.#makeRoom()
    const room = random.pick(rooms)
    // Traffic that is not kept goes between what is.
    this.#say(room, `<body>${random.below(1000)}</body>`)
    switch (random.below(10)) {
      case 0:
        return registerAccount(this.#parts, this.#newName('guest'), this.#word())
      case 1:
        return this.#changePassword()
      case 2:
      case 3:
      case 4:
        return this.#changeRoster()
      case 5:
        return this.#setSubject(room)
      case 6:
        return random.below(3) === 0 ? this.#destroy(room) : this.#configure(room)
      case 7:
        return random.below(2) === 0 ? this.#reserveNick(room) : this.#configure(room)
      default:
        return this.#changeLists(room)
    }
  }

  #ownRooms(): string[] {
    return [...this.#entered].filter((local) => this.#room(local).newest !== undefined)
  }

  #room(local: string): Fact<RoomState | undefined> {
    return this.#parts.facts.room(local, this.name)
  }

  #changePassword(): Promise<void> {
    const password = this.#word()
    const fact = this.#parts.facts.password(this.name)
    fact.ask(password)
    return acknowledge(this.#parts, this.#client, fact, registration(this.name, password))
  }

  #changeRoster(): Promise<void> {
    const { random, facts } = this.#parts
    const fact = facts.roster(this.name)
    const present = Object.keys(fact.newest)
    const isRemoval = present.length > 5 && random.below(2) === 0
    const contact = isRemoval ? random.pick(present) : `contact${random.below(12)}@example.org`
    const { [contact]: _, ...others } = fact.newest
    const name = this.#word()
    const group = this.#word()
    fact.ask(isRemoval ? others : { ...others, [contact]: `${name}/${group}` })
    const item = isRemoval
      ? `<item jid='${contact}' subscription='remove'/>`
      : `<item jid='${contact}' name='${name}'><group>${group}</group></item>`
    return acknowledge(this.#parts, this.#client, fact, `<query xmlns='jabber:iq:roster'>${item}</query>`)
  }

  async #makeRoom(): Promise<void> {
    const local = this.#newName('room')
    const fact = this.#room(local)
    await this.#enter(local, '201')
    fact.ask({ ...this.#config(), lists: { [`${this.name}@localhost`]: 'owner' }, subject: '' })
    await this.#submit(local, fact)
  }

  async #enterAgain(local: string): Promise<void> {
    const state = this.#room(local).newest
    if (!state) return
    await this.#enter(local, '110', `<password>${state.secret}</password>`)
  }

  async #enter(local: string, status: string, password = ''): Promise<void> {
    const x = `<x xmlns='${muc}'>${password}</x>`
    this.#client.write(`<presence to='${local}@rooms.localhost/${this.name}'>${x}</presence>`)
    await this.#client.until(new RegExp(`<status[^>]*code='${status}'`))
    this.#entered.add(local)
  }

  #configure(local: string): Promise<void> {
    const fact = this.#room(local)
    fact.ask({ ...(fact.newest as RoomState), ...this.#config() })
    return this.#submit(local, fact)
  }

  #changeLists(local: string): Promise<void> {
    const fact = this.#room(local)
    const state = fact.newest as RoomState
    const lists = { ...state.lists }
    let items = ''
    for (let number = 0; number < 3; number++) {
      // Each is named once in a request.
      const address = `somebody${number * 3 + this.#parts.random.below(3)}@example.org`
      const affiliation = this.#parts.random.pick(affiliations)
      const before = lists[address]?.split(' ')[1]
      const isReserved = this.#parts.random.below(2) === 0 && !['none', 'outcast'].includes(affiliation)
      const given = isReserved ? `nick-${number}-${this.#word()}` : undefined
      items += `<item jid='${address}' affiliation='${affiliation}'${given ? ` nick='${given}'` : ''}/>`
      if (affiliation === 'none') delete lists[address]
      // Who is banned loses the reserved nick (XEP-0045 §9.1).
      else lists[address] = entry(affiliation, affiliation === 'outcast' ? undefined : (given ?? before))
    }
    fact.ask({ ...state, lists })
    const query = `<query xmlns='${muc}#admin'>${items}</query>`
    return acknowledge(this.#parts, this.#client, fact, query, `${local}@rooms.localhost`)
  }

  /** XEP-0045 §7.10 */
  #reserveNick(local: string): Promise<void> {
    const fact = this.#room(local)
    const state = fact.newest as RoomState
    const nick = this.#word()
    fact.ask({ ...state, lists: { ...state.lists, [`${this.name}@localhost`]: entry('owner', nick) } })
    const fields = [
      ['FORM_TYPE', `${muc}#register`],
      ['muc#register_roomnick', nick],
    ].map(([field, value]) => `<field var='${field}'><value>${value}</value></field>`)
    const query = `<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x></query>`
    return acknowledge(this.#parts, this.#client, fact, query, `${local}@rooms.localhost`)
  }

  /** No acknowledgement: that comes with the next request to the room. */
  async #setSubject(local: string): Promise<void> {
    const fact = this.#room(local)
    const subject = this.#word()
    fact.ask({ ...(fact.newest as RoomState), subject })
    this.#say(local, `<subject>${subject}</subject>`)
    await this.#client.until(`<subject>${subject}</subject>`)
  }

  #destroy(local: string): Promise<void> {
    const fact = this.#room(local)
    fact.ask(undefined)
    const query = `<query xmlns='${muc}#owner'><destroy/></query>`
    return acknowledge(this.#parts, this.#client, fact, query, `${local}@rooms.localhost`)
  }

  #config(): Pick<RoomState, 'name' | 'secret' | 'isModerated'> {
    const { random } = this.#parts
    return {
      name: this.#word(),
      secret: random.below(5) === 0 ? '' : this.#word(),
      isModerated: random.below(2) === 0,
    }
  }

  #submit(local: string, fact: Fact<RoomState | undefined>): Promise<void> {
    const { name, secret, isModerated } = fact.newest as RoomState
    const fields = [
      ['FORM_TYPE', `${muc}#roomconfig`],
      ['muc#roomconfig_persistentroom', '1'],
      ['muc#roomconfig_roomname', name],
      ['muc#roomconfig_roomsecret', secret],
      ['muc#roomconfig_moderatedroom', isModerated ? '1' : '0'],
    ].map(([field, value]) => `<field var='${field}'><value>${value}</value></field>`)
    const form = `<query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x></query>`
    return acknowledge(this.#parts, this.#client, fact, form, `${local}@rooms.localhost`)
  }

  #say(local: string, content: string): void {
    this.#client.write(`<message to='${local}@rooms.localhost' type='groupchat'>${content}</message>`)
  }

  #newName(kind: string): string {
    this.#made += 1
    return `${kind}-${this.name}-${this.#parts.facts.acknowledgements}-${this.#made}`
  }

  #word(): string {
    return `ü${this.#parts.random.next().toString(36).slice(2, 12)}`
  }
}

function entry(affiliation: string, nick: string | undefined): string {
  return nick === undefined ? affiliation : `${affiliation} ${nick}`
}

function registration(name: string, password: string): string {
  return `<query xmlns='jabber:iq:register'><username>${name}</username><password>${password}</password></query>`
}

/** Sends a request that `fact` has been asked for, and waits for the result. */
async function acknowledge<Value>(
  parts: TrafficParts,
  client: RawClient,
  fact: Fact<Value>,
  payload: string,
  to = '',
): Promise<void> {
  const reply = await client.request('set', payload, { to })
  assert.match(reply, /^<iq[^>]* type='result'/, payload)
  fact.acknowledged()
  parts.facts.acknowledgements += 1
  parts.onAcknowledged()
}
