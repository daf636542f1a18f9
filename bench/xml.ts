// How fast XML is read and written: a chat message of 300 bytes, beside `saxes` reporting events for nobody.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { SaxesParser } from 'saxes'
import type { Element } from '../src/xml/element.ts'
import { serialize } from '../src/xml/serialize.ts'
import { parseDocument, XmlReader } from '../src/xml/xml.ts'
import { cpuMicrosecondsEach, quantile } from './measure.ts'

const bar = 4
const rounds = 21
const warmUpMs = 1000
const roundMs = 100
const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>"
const message =
  "<message to='romeo@montague.example/orchard' from='juliet@capulet.example/balcony' id='ktx72v49' type='chat' xml:lang='en'>" +
  '<body>Art thou not Romeo, and a Montague? Deny thy father.</body><thread>e0ffe42b28561960</thread>' +
  "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/></message>"

/** Runs `work`, which does `count` things, for `forMs` of this process's time; answers things per second of it. */
function rate(work: () => number, forMs: number): number {
  return 1e6 / cpuMicrosecondsEach(work, forMs)
}

function saxes(): () => number {
  const parser = new SaxesParser({ xmlns: true, fragment: false })
  for (const event of ['opentag', 'closetag', 'text', 'attribute', 'opentagstart'] as const)
    parser.on(event, () => {})
  parser.write(header)
  return () => {
    for (let index = 0; index < 100; index += 1) parser.write(message)
    return 100
  }
}

function reader(bytes: readonly Uint8Array[], messages: number): () => number {
  let seen = 0
  const balcony = new XmlReader({
    onOpen() {},
    onElement() {
      seen += 1
    },
    onClose() {},
  })
  balcony.push(Buffer.from(header))
  return () => {
    seen = 0
    for (let index = 0; index < 100; index += 1) for (const chunk of bytes) balcony.push(chunk)
    if (seen !== messages * 100) throw new Error('messages were lost')
    return seen
  }
}

function writer(): () => number {
  const element = parseDocument(message, { namespaces: { '': 'jabber:client' } }) as Element
  return () => {
    let length = 0
    for (let index = 0; index < 100; index += 1) length += serialize(element, 'jabber:client').length
    return length > 0 ? 100 : 0
  }
}

const bytes = Buffer.from(message)
const saxesName = 'saxes, events only'
const readerName = 'reader, a message a chunk'
const contestants = new Map<string, () => () => number>([
  [saxesName, saxes],
  [readerName, () => reader([bytes], 1)],
  ['reader, 200 messages a chunk', () => reader([Buffer.from(message.repeat(200))], 200)],
  [
    'reader, one byte a chunk',
    () =>
      reader(
        Array.from(bytes, (byte) => Buffer.of(byte)),
        1,
      ),
  ],
  ['serializer', writer],
])

/** In a process for each contestant: warms up, then runs a round whenever it is asked. */
function contest(work: () => number): void {
  rate(work, warmUpMs)
  process.on('message', () => process.send?.(rate(work, roundMs)))
  process.send?.(0)
}

async function answerOf(contestant: ChildProcess): Promise<number> {
  const [answer] = await once(contestant, 'message')
  return answer as number
}

// Each has a process of its own: none makes the heap another one has to clean, or the compiler guess wrongly for it.
// Rounds are short and alternate, and each is set against that of saxes beside it, so that a busy machine slows both.
async function compare(): Promise<Map<string, number[]>> {
  const processes = new Map<string, ChildProcess>()
  for (const name of contestants.keys()) {
    const contestant = fork(import.meta.filename, [name])
    processes.set(name, contestant)
    await answerOf(contestant)
  }
  const rates = new Map(Array.from(contestants.keys(), (name): [string, number[]] => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contestant] of processes) {
      const answer = answerOf(contestant)
      contestant.send('round')
      rates.get(name)?.push(await answer)
    }
  }
  for (const contestant of processes.values()) contestant.disconnect()
  return rates
}

function report(rates: ReadonlyMap<string, readonly number[]>): void {
  const base = rates.get(saxesName) ?? []
  console.log(
    `a message of ${bytes.length} bytes, messages per second of CPU time, medians of ${rounds} alternating rounds`,
  )
  const times = new Map<string, number>()
  for (const [name, list] of rates) {
    const own = Math.round(quantile(list, 0.5)).toLocaleString('en')
    times.set(
      name,
      quantile(
        list.map((value, round) => value / (base[round] as number)),
        0.5,
      ),
    )
    console.log(`${name.padEnd(30)} ${own.padStart(12)}   ${times.get(name)?.toFixed(2)} x saxes`)
  }
  const isReached = (times.get(readerName) ?? 0) >= bar
  console.log(`the bar, ${bar} x saxes for a message a chunk, is ${isReached ? 'reached' : 'missed'}`)
}

const contestant = contestants.get(process.argv[2] ?? '')
if (contestant !== undefined) contest(contestant())
else report(await compare())
