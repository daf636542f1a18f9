// How fast XML is read and written: a chat message of 300 bytes, beside `saxes` reporting events for nobody.
import { SaxesParser } from 'saxes'
import type { Element } from '../src/xml/element.ts'
import { serialize } from '../src/xml/serialize.ts'
import { parseDocument, XmlReader } from '../src/xml/xml.ts'

const bar = 4
const rounds = 7
const roundMs = 400
const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>"
const message =
  "<message to='romeo@montague.example/orchard' from='juliet@capulet.example/balcony' id='ktx72v49' type='chat' xml:lang='en'>" +
  '<body>Art thou not Romeo, and a Montague? Deny thy father.</body><thread>e0ffe42b28561960</thread>' +
  "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/></message>"

/** Runs `work`, which does `count` things, for about `forMs`; answers things per second of this process's time. */
function rate(work: () => number, forMs: number): number {
  const start = process.cpuUsage()
  const until = performance.now() + forMs
  let count = 0
  while (performance.now() < until) count += work()
  const { user, system } = process.cpuUsage(start)
  return (count / (user + system)) * 1e6
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
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
const contestants = new Map([
  ['saxes, events only', saxes()],
  ['reader, a message a chunk', reader([bytes], 1)],
  ['reader, 200 messages a chunk', reader([Buffer.from(message.repeat(200))], 200)],
  [
    'reader, one byte a chunk',
    reader(
      Array.from(bytes, (byte) => Buffer.of(byte)),
      1,
    ),
  ],
  ['serializer', writer()],
])
const rates = new Map(Array.from(contestants.keys(), (name): [string, number[]] => [name, []]))
for (const work of contestants.values()) rate(work, roundMs)
for (let round = 0; round < rounds; round += 1) {
  for (const [name, work] of contestants) rates.get(name)?.push(rate(work, roundMs))
}
const base = median(rates.get('saxes, events only') ?? [])
console.log(
  `a message of ${bytes.length} bytes, messages per second of CPU time, medians of ${rounds} alternating rounds`,
)
for (const [name, list] of rates) {
  const own = median(list)
  const times = (own / base).toFixed(2)
  console.log(`${name.padEnd(30)} ${Math.round(own).toLocaleString('en').padStart(12)}   ${times} x saxes`)
}
const isReached = median(rates.get('reader, a message a chunk') ?? []) >= bar * base
console.log(`the bar, ${bar} x saxes for a message a chunk, is ${isReached ? 'reached' : 'missed'}`)
