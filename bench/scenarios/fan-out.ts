// XEP-0045: everything said in a room goes to all who are in it.
import type { Connection } from '../generator/connection.ts'
import { Generator } from '../generator/generator.ts'
import { roomDomain } from '../generator/login.ts'
import { messageTemplate } from '../generator/stanzas.ts'
import { Traffic } from '../generator/traffic.ts'
import { measureDeliveries } from './deliveries.ts'
import type { Run, Scenario } from './scenario.ts'
import { workMetrics } from './work.ts'

const room = `square@${roomDomain}`
const talkers = 16
const mucNamespace = 'http://jabber.org/protocol/muc'
const selfPresence = /code=["']110["']/
// XEP-0045 §10.1.2: an empty form makes an instant room.
const unlockRequest = `<iq to='${room}' type='set' id='unlock'><query xmlns='${mucNamespace}#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`

/** A full room in which a few talk at once, each waiting until all have got the last word. */
export const fanOut: Scenario = {
  name: 'fan-out',
  title: (scale) => `a room of ${scale.occupants}, ${talkers} talk, each with one message in flight`,
  forRelay: true,
  metrics: () => workMetrics('delivery', 'deliveries', { bar: 60, ejabberdBar: 15 }),
  accounts: (scale) => scale.occupants,
  passwordIterations: 1,
  isArchived: false,
  async run(run) {
    const generator = new Generator(run.server.port)
    try {
      const occupants = await fillRoom(run, generator)
      const flows = occupants.slice(0, talkers).map((from, index) => ({
        from,
        to: occupants,
        template: messageTemplate('groupchat', room, index),
        inFlight: 1,
      }))
      return await measureDeliveries(run, generator, new Traffic(flows))
    } finally {
      generator.resetAll()
    }
  },
}

async function fillRoom(run: Run, generator: Generator): Promise<Connection[]> {
  const occupants: Connection[] = []
  for (let index = 0; index < run.scale.occupants; index += 1) {
    run.progress(`entering the room, ${index + 1} of ${run.scale.occupants}`)
    const connection = generator.connect()
    await run.server.logIn(connection, index)
    if (run.isRelay) await connection.ask(`<enter to='${room}'/>`, /<enter\/>/)
    else await enter(connection, index)
    occupants.push(connection)
  }
  return occupants
}

async function enter(connection: Connection, index: number): Promise<void> {
  const presence = `<presence to='${room}/nick${index}'><x xmlns='${mucNamespace}'><history maxstanzas='0'/></x></presence>`
  await connection.ask(presence, selfPresence)
  if (index === 0) await connection.ask(unlockRequest, /<iq[^>]*type=["']result["']/)
}
