import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { ManualClock } from '../../base/clock.ts'
import { defaultLimits } from '../../xml/xml.ts'
import type { TransportReceiver } from '../transport.ts'
import { parseBody, type RequestBody } from './body.ts'
import { BoshSession } from './bosh.ts'
import { defaultBoshLimits } from './limits.ts'
import type { Exchange } from './requests.ts'

const seed = 20261122
const binding = "xmlns='http://jabber.org/protocol/httpbind'"

function bodyOf(text: string): RequestBody {
  const body = parseBody(Buffer.from(text), defaultLimits)
  assert.ok(body, text)
  return body
}

test('whatever comes as a body is read or refused, never more', () => {
  const valid = `<body ${binding} rid='1' sid='s' xmlns:xmpp='urn:xmpp:xbosh' xmpp:restart='true'><message xmlns='jabber:client'><body>é</body></message></body>`
  const pieces = [
    valid,
    '<body',
    binding,
    "rid='9007199254740991'",
    "rid='1'",
    '<x>',
    '</body>',
    '/>',
    '<!--',
    '&lt;',
    '&',
    ']]>',
    '\u0000',
    'xmlns:a=""',
    '<?xml?>',
  ]
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join(' ')),
    fc
      .tuple(fc.nat(valid.length), fc.nat(valid.length), fc.string())
      .map(([from, to, put]) => valid.slice(0, from) + put + valid.slice(to)),
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    texts.map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(body, (bytes) => {
      const read = parseBody(bytes, defaultLimits)
      if (read === undefined) return
      assert.ok(Number.isSafeInteger(read.rid) && read.rid >= 0)
      assert.ok(read.payloads.every(({ namespace }) => !namespace.includes('httpbind')))
    }),
    { seed, numRuns: 1500 },
  )
})

/** What a client does next: something new, something again, or the network loses what is on its way. */
const steps = fc.array(fc.constantFrom('ask', 'ask', 'write', 'write', 'lose', 'deafen', 'again', 'late'), {
  maxLength: 60,
})

interface Sent {
  readonly rid: number
  readonly text: string
  exchange: Exchange & { isLost: boolean }
  answer: string | undefined
}

/** A client that keeps to the rules over a network that does not, and all that both sides have had. */
class Model implements TransportReceiver {
  readonly session: BoshSession
  readonly received: string[] = []
  readonly #sent: Sent[] = []
  #rid = 1
  #written = 0
  #isDeaf = false
  closes = 0

  constructor() {
    const first = bodyOf(`<body rid='1' to='localhost' ${binding}/>`)
    this.session = new BoshSession(first, {
      sid: 'sid',
      remoteAddress: '127.0.0.1',
      isSecure: true,
      limits: { ...defaultBoshLimits, pollingSeconds: 0, repeats: 1000 },
      clock: new ManualClock(),
      onEnd() {},
    })
    this.session.receive(this)
    this.#ask(`<body rid='1' to='localhost' ${binding}/>`)
    this.session.write("<features xmlns='urn:x'/>")
  }

  onBytes(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString()
    if (text !== '' && !text.startsWith('<open ')) this.received.push(text)
  }

  onDrain(): void {}

  onClose(): void {
    this.closes += 1
  }

  do(step: string): void {
    const open = this.#sent.filter(({ answer }) => answer === undefined)
    const lost = open.find(({ exchange }) => exchange.isLost)
    // XEP-0124 §14.3: who knows of something lost asks for that first.
    if (step === 'ask' && open.length < 2 && !lost) this.ask()
    else if (step === 'late' && open.length === 0) this.#askLate()
    else if (step === 'write') this.session.write(`<s xmlns='urn:x' n='${++this.#written}'/>`)
    else if (step === 'lose' && open[0]) this.#lose(open[0])
    else if (step === 'deafen') this.#isDeaf = true
    else if (step === 'again' && lost) this.#again(lost)
  }

  ask(): void {
    this.#ask(this.#next())
  }

  /** Asks again for all that has been lost; false when nothing has. */
  recover(): boolean {
    const lost = this.#sent.filter(({ answer, exchange }) => answer === undefined && exchange.isLost)
    for (const sent of lost) this.#again(sent)
    return lost.length > 0
  }

  get isWaiting(): boolean {
    return this.#sent.some(({ answer }) => answer === undefined)
  }

  get expected(): { readonly received: string[]; readonly said: string[] } {
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
    return {
      received: numbers(this.#rid - 2).map((index) => `<c xmlns='urn:x' n='${index + 2}'/>`),
      said: numbers(this.#written).map((index) => `<s xmlns='urn:x' n='${index + 1}'/>`),
    }
  }

  get said(): string[] {
    const all = this.#sent.map(({ answer }) => answer ?? '').join('')
    return [...all.matchAll(/<s xmlns='urn:x' n='\d+'\/>/g)].map(([text]) => text)
  }

  /** The second of two requests overtakes the first. */
  #askLate(): void {
    const first = this.#make(this.#next())
    const second = this.#make(this.#next())
    this.session.take(second.exchange)
    this.session.take(first.exchange)
  }

  #next(): string {
    return `<body rid='${this.#rid}' sid='sid' ${binding}><c xmlns='urn:x' n='${this.#rid}'/></body>`
  }

  #ask(text: string): void {
    this.session.take(this.#make(text).exchange)
  }

  #make(text: string): Sent {
    const sent = { rid: this.#rid, text, answer: undefined } as Omit<Sent, 'exchange'> as Sent
    this.#rid += 1
    sent.exchange = this.#exchange(sent)
    this.#sent.push(sent)
    return sent
  }

  #exchange(sent: Sent): Sent['exchange'] {
    let isAnswered = false
    const exchange = {
      body: bodyOf(sent.text),
      isLost: false,
      answer: (_status: number, bytes: Uint8Array) => {
        assert.equal(isAnswered, false, 'a request is answered once')
        isAnswered = true
        const text = Buffer.from(bytes).toString()
        assert.doesNotMatch(text, /type='terminate'/)
        if (exchange.isLost || /type='error'/.test(text)) return
        // The answer is lost on its way.
        if (this.#isDeaf) exchange.isLost = true
        else sent.answer = text
        this.#isDeaf = false
      },
    }
    return exchange
  }

  #lose(sent: Sent): void {
    sent.exchange.isLost = true
    this.session.lost()
  }

  #again(sent: Sent): void {
    sent.exchange = this.#exchange(sent)
    this.session.take(sent.exchange)
  }
}

test('over a network that loses, doubles and reorders, everything comes once and in order (XEP-0124 §14)', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const model = new Model()
      for (const step of list) {
        model.do(step)
        await setImmediate()
      }
      for (let round = 0; model.recover() || model.said.length < model.expected.said.length; round += 1) {
        assert.ok(round < 200, 'it comes to an end')
        if (!model.isWaiting) model.ask()
        await setImmediate()
        await setImmediate()
      }
      assert.deepEqual(model.received, model.expected.received)
      assert.deepEqual(model.said, model.expected.said)
      assert.equal(model.closes, 0)
    }),
    { seed, numRuns: 300 },
  )
})
