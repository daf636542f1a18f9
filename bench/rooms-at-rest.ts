// What rooms cost in which nobody is: `node bench/rooms-at-rest.ts [rooms]`. Start-up, memory, the list, the first visit.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PublicRooms } from '../src/extensions/muc/public-rooms.ts'
import { Room } from '../src/extensions/muc/room.ts'
import { RoomStore } from '../src/extensions/muc/room-store.ts'
import { name } from '../src/extensions/muc/settings/name.ts'
import { persistent } from '../src/extensions/muc/settings/persistent.ts'
import { jid } from '../src/jid/jid.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import { storeOfDomain } from '../src/storage/storage.ts'
import { element } from '../src/xml/element.ts'
import type { Connection } from './generator/connection.ts'
import { Generator } from './generator/generator.ts'
import { domain, logInToXmpp, roomDomain } from './generator/login.ts'
import { cpuMicroseconds, quantile, residentKib } from './measure.ts'
import { writeAccounts } from './servers/balcony-accounts.ts'
import { startServer } from './servers/process.ts'
import type { RunningServer } from './servers/server.ts'

const program = fileURLToPath(new URL('./servers/balcony-server.ts', import.meta.url))
const rooms = Number(process.argv[2] ?? 50_000)
const runs = 5
const members = 5
const writtenAtOnce = 500
const visits = Math.min(rooms, 3000)
const pageSize = 100
const startBarMs = 2000
const memoryBarKib = 1

const historyBytes = 1_000_000
const localOf = (index: number) => `room-${String(index).padStart(7, '0')}`

/** A room as its owner left it: with a name, a few members and a subject. */
function roomOf(index: number): Room {
  const creator = jid(`owner${index % 1000}@${domain}`)
  const elements = [element('subject', 'jabber:client', {}, `What number ${index} is about`)]
  const subject = { elements, nick: 'owner', by: creator.toString(), when: 0 }
  const room = new Room({
    jid: jid(`${localOf(index)}@${roomDomain}`),
    creator,
    createdAt: 0,
    historyBytes,
    subject,
  })
  room.config.set(persistent, true)
  room.config.set(name, `The room of number ${index}`)
  room.affiliations.set(creator.toString(), { affiliation: 'owner' })
  for (let member = 0; member < members; member += 1) {
    room.affiliations.set(`member${member}@${domain}`, { affiliation: 'member', nick: `nick${member}` })
  }
  return room
}

async function writeRooms(file: string, count: number): Promise<void> {
  const driver = sqlite(file)
  const store = storeOfDomain(driver, roomDomain)
  const kept = new RoomStore(store, historyBytes)
  const list = new PublicRooms(store)
  for (let first = 0; first < count; first += writtenAtOnce) {
    const some = Array.from({ length: Math.min(writtenAtOnce, count - first) }, (_, index) =>
      roomOf(first + index),
    )
    await Promise.all(some.flatMap((room) => [kept.save(room), list.update(room)]))
  }
  await driver.close()
}

interface Started {
  readonly server: RunningServer
  readonly startMs: number
  /** Of a processor. */
  readonly startCpuMs: number
  readonly kib: number
}

/** Starts a server that has so many rooms; the clock runs from when its process is made until it accepts connections. */
async function start(count: number): Promise<Started> {
  let begin = 0
  const server = await startServer({
    name: 'rooms-at-rest',
    logIn: logInToXmpp,
    async prepare(folder, port) {
      const file = join(folder, 'data.db')
      await writeAccounts(file, 1, 1)
      await writeRooms(file, count)
      begin = performance.now()
      return [process.execPath, '--max-semi-space-size=4', program, file, String(port), '']
    },
  })
  const startMs = performance.now() - begin
  const startCpuMs = cpuMicroseconds(server.pid) / 1000
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return { server, startMs, startCpuMs, kib: residentKib(server.pid) }
}

/** Pages through all rooms; answers how long each page took, in ms. */
async function listAll(client: Connection, count: number): Promise<number[]> {
  const times: number[] = []
  let after = ''
  for (let seen = 0; seen < count; seen += pageSize) {
    const set = `<set xmlns='http://jabber.org/protocol/rsm'><max>${pageSize}</max>${after === '' ? '' : `<after>${after}</after>`}</set>`
    const begin = performance.now()
    const answer = await client.ask(
      `<iq type='get' id='p' to='${roomDomain}'><query xmlns='http://jabber.org/protocol/disco#items'>${set}</query></iq>`,
      /<\/iq>/,
    )
    times.push(performance.now() - begin)
    const found = /<last>([^<]*)<\/last>/.exec(answer)?.[1]
    if (found === undefined) throw new Error(`the list ended after ${seen} of ${count} rooms`)
    after = found
  }
  return times
}

/** Enters rooms one after another and leaves them; answers how long entering took, in ms. */
async function visit(client: Connection, count: number): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const address = `${localOf(index)}@${roomDomain}/visitor`
    const begin = performance.now()
    await client.ask(
      `<presence to='${address}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      /<\/subject>/,
    )
    times.push(performance.now() - begin)
    await client.ask(`<presence to='${address}' type='unavailable'/>`, /code=['"]110['"]/)
  }
  return times
}

interface Figures {
  readonly startMs: number
  readonly startEmptyMs: number
  readonly startCpuMs: number
  readonly startCpuEmptyMs: number
  readonly kibAtRest: number
  readonly kibListed: number
  readonly mibVisited: number
  readonly page50: number
  readonly page99: number
  readonly visit50: number
  readonly visit99: number
}

async function measure(): Promise<Figures> {
  const empty = await start(0)
  await empty.server.stop()
  const { server, startMs, startCpuMs, kib } = await start(rooms)
  try {
    using generator = new Generator(server)
    const client = generator.connect()
    await server.logIn(client, 0)
    const pages = await listAll(client, rooms)
    const listed = residentKib(server.pid)
    const visited = await visit(client, visits)
    return {
      startMs,
      startEmptyMs: empty.startMs,
      startCpuMs,
      startCpuEmptyMs: empty.startCpuMs,
      kibAtRest: (kib - empty.kib) / rooms,
      kibListed: (listed - empty.kib) / rooms,
      mibVisited: (residentKib(server.pid) - listed) / 1024,
      page50: quantile(pages, 0.5),
      page99: quantile(pages, 0.99),
      visit50: quantile(visited, 0.5),
      visit99: quantile(visited, 0.99),
    }
  } finally {
    await server.stop()
  }
}

const labels: Readonly<Record<keyof Figures, string>> = {
  startMs: `ms from the process to the first connection, with ${rooms.toLocaleString('en')} rooms`,
  startEmptyMs: 'ms the same without a room',
  startCpuMs: 'ms of CPU, user and system, until then',
  startCpuEmptyMs: 'ms of CPU the same without a room',
  kibAtRest: 'KiB of memory for each room, after the start',
  kibListed: 'KiB for each room, when all have been listed',
  mibVisited: `MiB more when ${visits.toLocaleString('en')} have been visited (1,000 stay)`,
  page50: `ms for a page of ${pageSize} of the list, p50`,
  page99: `ms for a page of ${pageSize} of the list, p99`,
  visit50: 'ms to enter a room that is not in memory, p50',
  visit99: 'ms to enter a room that is not in memory, p99',
}

const all: Figures[] = []
for (let run = 0; run < runs; run += 1) all.push(await measure())
const median: Record<string, number> = {}
for (const [key, label] of Object.entries(labels)) {
  const values = all.map((figures) => figures[key as keyof Figures])
  median[key] = quantile(values, 0.5)
  const range = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`
  console.log(label.padEnd(70), median[key].toFixed(2).padStart(9), `  (${range})`)
}
const isWithin = (median.startCpuMs as number) <= startBarMs && (median.kibAtRest as number) <= memoryBarKib
console.log(
  `bars: start ≤ ${startBarMs} ms of CPU, memory ≤ ${memoryBarKib} KiB each: ${isWithin ? 'met' : 'missed'}`,
)
process.exitCode = isWithin ? 0 : 1
