// What it costs to parse an address: known, unknown, and beyond ASCII. `node bench/jid.ts`
import { parseJid, withResource } from '../src/jid/jid.ts'
import { quantile } from './measure.ts'

const ROUNDS = 9
const COUNT = 200_000

// Cut from one long text, as a tokenizer cuts them from a chunk, so that no text's hash is known beforehand.
function cut(texts: string[]): string[] {
  const chunk = texts.join('')
  let end = 0
  return texts.map((text) => {
    end += text.length
    return chunk.slice(end - text.length, end)
  })
}

function measure(name: string, prepare: (round: number) => string[], parse: (text: string) => unknown): void {
  const costs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const texts = cut(prepare(round))
    const started = process.hrtime.bigint()
    for (const text of texts) if (parse(text) === undefined) throw new Error(`refused: ${text}`)
    costs.push(Number(process.hrtime.bigint() - started) / texts.length)
  }
  const median = quantile(costs, 0.5)
  console.log(`${name.padEnd(46)} ${median.toFixed(0).padStart(6)} ns`)
}

function numbered(make: (serial: number) => string, count: number = COUNT): (round: number) => string[] {
  return (round) => Array.from({ length: count }, (_, index) => make(round * count + index))
}

const known = (serial: number) => `juliet${serial % 1000}@example.com/balcony-${serial % 1000}`
measure('known, of 1,000', numbered(known), parseJid)
measure(
  'unknown, ASCII',
  numbered((serial) => `juliet${serial}@example.com/balcony`),
  parseJid,
)
measure(
  'unknown, ASCII, with capitals',
  numbered((serial) => `Juliet${serial}@Example.com/balcony`),
  parseJid,
)
measure(
  'unknown resource of a known bare address',
  numbered((serial) => `juliet@example.com/${serial}`),
  parseJid,
)
measure(
  'unknown, localpart beyond ASCII',
  numbered((serial) => `jüliet${serial}@example.com/b`, 20_000),
  parseJid,
)
measure(
  'unknown, domainpart beyond ASCII',
  numbered((serial) => `juliet@ü${serial}.example/b`, 20_000),
  parseJid,
)
const room = parseJid('room@muc.example.com')
if (room)
  measure(
    'withResource, of 1,000',
    numbered((serial) => `nick-${serial % 1000}`),
    (nick) => withResource(room, nick),
  )
const longest = numbered((serial) => `${serial}${'\u00e9'.repeat(500)}@example.com`, 500)
measure('unknown, 1,000 octets beyond ASCII', longest, parseJid)
