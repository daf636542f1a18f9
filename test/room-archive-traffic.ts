// Somebody who speaks in a room that is archived, and knows what the server has acknowledged (XEP-0198).
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { SeededRandom } from './random.ts'
import { RawClient } from './raw-client.ts'

const room = 'archived@rooms.localhost'
const muc = 'http://jabber.org/protocol/muc'
const retractNamespace = 'urn:xmpp:message-retract:1'

/** What one account has said, over all of its connections. */
export class Spoken {
  readonly account: string
  /** How many messages, numbered from 0, were sent. */
  sent = 0
  /** How many of these were acknowledged: the first ones. */
  acknowledged = 0
  /** Under which ids the room passed them on, as far as that was seen. */
  readonly idByNumber = new Map<number, string>()
  /** Messages that were taken back, and whether that was acknowledged. */
  readonly retracted = new Map<number, boolean>()

  constructor(account: string) {
    this.account = account
  }

  /** After a crash as many as were found are there; what was not found is said anew. */
  found(count: number): void {
    this.sent = count
    this.acknowledged = count
    for (const number of this.idByNumber.keys()) if (number >= count) this.idByNumber.delete(number)
  }
}

type Sent = { readonly kind: 'message' | 'other' } | { readonly kind: 'retraction'; readonly number: number }

/** An account in the room. */
export class Speaker {
  readonly #client: RawClient
  readonly #spoken: Spoken
  readonly #random: SeededRandom
  readonly #onAcknowledged: (count: number) => void
  /** Stanzas that are not acknowledged yet. */
  #open: Sent[] = []
  #handled = 0
  #received = 0

  constructor(
    client: RawClient,
    spoken: Spoken,
    random: SeededRandom,
    onAcknowledged: (count: number) => void,
  ) {
    this.#client = client
    this.#spoken = spoken
    this.#random = random
    this.#onAcknowledged = onAcknowledged
  }

  /** Logs in, asks for acknowledgements and enters the room; the first one makes it. */
  static async enter(
    test: TestContext,
    port: number,
    ...[spoken, random, onAcknowledged]: [Spoken, SeededRandom, (count: number) => void]
  ): Promise<Speaker> {
    const { account } = spoken
    const client = await RawClient.login(test, port, { user: account, password: `secret of ${account}` })
    const x = `<x xmlns='${muc}'><history maxstanzas='0'/></x>`
    client.write(`<presence to='${room}/${account}'>${x}</presence>`)
    const entered = await client.until(/<subject\/>|<subject>/)
    if (entered.includes(`code='201'`)) await configure(client)
    client.write(`<enable xmlns='urn:xmpp:sm:3'/>`)
    await client.until(/<enabled[^>]*>/)
    return new Speaker(client, spoken, random, onAcknowledged)
  }

  /** Goes on until the connection ends, and says why it did. */
  async work(): Promise<unknown> {
    try {
      for (;;) await this.#burst()
    } catch (error) {
      this.#look(this.#client.rest())
      return error
    }
  }

  async #burst(): Promise<void> {
    const count = 1 + this.#random.below(20)
    for (let spoken = 0; spoken < count; spoken += 1) {
      if (this.#random.below(8) === 0) this.#retract()
      this.#say()
    }
    this.#client.write(`<r xmlns='urn:xmpp:sm:3'/>`)
    const answer = await this.#client.until(/<a [^>]*h='\d+'[^>]*>/)
    this.#look(answer)
    const handled = Number(/<a [^>]*h='(\d+)'[^>]*>$/.exec(answer)?.[1])
    this.#acknowledge(handled - this.#handled)
    this.#handled = handled
    // So that the server need not hold what has arrived.
    this.#client.write(`<a xmlns='urn:xmpp:sm:3' h='${this.#received}'/>`)
  }

  #say(): void {
    const { account } = this.#spoken
    const body = `${account} ${this.#spoken.sent}`
    this.#spoken.sent += 1
    this.#open.push({ kind: 'message' })
    this.#client.write(`<message to='${room}' type='groupchat'><body>${body}</body></message>`)
  }

  #retract(): void {
    const { idByNumber, retracted, acknowledged } = this.#spoken
    const known = [...idByNumber.keys()].filter((number) => number < acknowledged && !retracted.has(number))
    if (known.length === 0) return
    const number = this.#random.pick(known)
    retracted.set(number, false)
    this.#open.push({ kind: 'retraction', number })
    const retract = `<retract xmlns='${retractNamespace}' id='${idByNumber.get(number)}'/>`
    this.#client.write(`<message to='${room}' type='groupchat'>${retract}</message>`)
  }

  #acknowledge(count: number): void {
    const done = this.#open.splice(0, count)
    for (const sent of done) {
      if (sent.kind === 'message') this.#spoken.acknowledged += 1
      if (sent.kind === 'retraction') this.#spoken.retracted.set(sent.number, true)
    }
    this.#onAcknowledged(done.length)
  }

  /** Which ids the room gave to what was said here. */
  #look(came: string): void {
    this.#received += came.match(/<(?:message|presence|iq) /g)?.length ?? 0
    const { account, idByNumber } = this.#spoken
    const own = new RegExp(
      `<body>${account} (\\d+)</body>(?:(?!</message>).)*? id='([^']+)'/></message>`,
      'g',
    )
    for (const [, number, id] of came.matchAll(own)) idByNumber.set(Number(number), id as string)
  }
}

async function configure(client: RawClient): Promise<void> {
  const fields = [
    ['FORM_TYPE', `${muc}#roomconfig`],
    ['muc#roomconfig_persistentroom', '1'],
    ['muc#roomconfig_enablearchiving', '1'],
  ].map(([field, value]) => `<field var='${field}'><value>${value}</value></field>`)
  const form = `<x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x>`
  const reply = await client.request('set', `<query xmlns='${muc}#owner'>${form}</query>`, { to: room })
  assert.match(reply, /type='result'/)
}

/** What is kept of a message: its id, and its body if it was not taken back. */
export interface KeptRecord {
  readonly id: string
  readonly body: string | undefined
}

/** Reads the whole archive of the room, oldest first, without retractions. */
export async function readArchive(client: RawClient): Promise<KeptRecord[]> {
  const records: KeptRecord[] = []
  for (let after = ''; ; ) {
    const bound = after === '' ? '' : `<after>${after}</after>`
    const set = `<set xmlns='http://jabber.org/protocol/rsm'><max>250</max>${bound}</set>`
    const reply = await client.request('set', `<query xmlns='urn:xmpp:mam:2'>${set}</query>`, { to: room })
    assert.match(reply, /type='result'/)
    for (const [, id, inside] of client.taken.matchAll(/<result [^>]*id='([^']+)'>(.*?)<\/result>/g)) {
      if (inside?.includes('<retract ')) continue
      records.push({ id: id as string, body: /<body>([^<]*)<\/body>/.exec(inside ?? '')?.[1] })
    }
    after = /<last>([^<]+)<\/last>/.exec(reply)?.[1] ?? ''
    if (reply.includes(`complete='true'`) || after === '') return records
  }
}

/** Enters and answers the bodies in the history that one gets; `undefined` for those taken back. */
export async function readHistory(client: RawClient): Promise<(string | undefined)[]> {
  client.write(`<presence to='${room}/reader'><x xmlns='${muc}'/></presence>`)
  const came = await client.until(/<subject\/>|<subject>/)
  return [...came.matchAll(/<message [^>]*>(.*?)<\/message>/g)]
    .filter(([, inside]) => inside?.includes('<delay ') && !inside.includes('<retract '))
    .map(([, inside]) => /<body>([^<]*)<\/body>/.exec(inside ?? '')?.[1])
}
