// How late messages are at a rate that every server can bear.
import { Generator } from '../generator/generator.ts'
import { Paced } from '../generator/paced.ts'
import { type Flow, Traffic } from '../generator/traffic.ts'
import { startSpan } from '../measure.ts'
import { openPair } from './chat.ts'
import { drain } from './deliveries.ts'
import type { Run, Scenario } from './scenario.ts'
import { workFigures } from './work.ts'

const pairs = 20
const perSecond = 1000
const warmUpShare = 0.25

/**
 * As many messages as can be. At the pace that is measured it takes more than ten seconds until what runs often has been compiled, and until then
 * the compiler takes turns with the server on its one processor.
 */
async function hurry(run: Run, generator: Generator, flows: readonly Flow[]): Promise<void> {
  const traffic = new Traffic(flows)
  traffic.start()
  await generator.pause(run.scale.warmUpMs)
  traffic.stop()
  await drain(generator, traffic)
}

/** An open loop: when a message is late, the next one is sent all the same. */
export const paced: Scenario = {
  name: 'paced',
  title: () => `${perSecond} chat messages a second in ${pairs} pairs, whatever becomes of those before`,
  forRelay: true,
  metrics: () => [
    { name: 'p50', label: 'p50 delay of a message, ms', better: 'less' },
    { name: 'p99', label: 'p99 delay of a message, ms', better: 'less', most: 2, isBelowPeers: true },
    { name: 'max', label: 'longest delay, ms', better: 'less' },
    { name: 'cpu', label: 'server CPU per delivery, µs', better: 'less' },
    { name: 'serverShare', label: 'server, % of a core', better: 'neither' },
    { name: 'generatorShare', label: 'generator (it never sleeps), % of a core', better: 'neither' },
    { name: 'othersShare', label: 'other processes, % of a core', better: 'neither' },
  ],
  accounts: () => 2 * pairs,
  passwordIterations: 1,
  isArchived: false,
  async run(run) {
    using generator = new Generator(run.server)
    const flows: Flow[] = []
    for (let flow = 0; flow < pairs; flow += 1)
      flows.push(await openPair(run, generator, { account: 2 * flow, flow, inFlight: 1 }))
    run.progress('warming up')
    await hurry(run, generator, flows)
    const loop = new Paced(flows.map(({ from, to, template }) => ({ from, to: to[0] ?? from, template })))
    const ms = run.scale.steadyMs / 2
    await loop.run(generator, perSecond, ms * warmUpShare)
    run.progress('speaking steadily')
    const endSpan = startSpan(run.server.pid)
    await loop.run(generator, perSecond, ms)
    const span = endSpan()
    const { delays } = loop
    const work = workFigures((ms / 1000) * perSecond, span)
    return {
      figures: { ...work, p50: delays.at(0.5), p99: delays.at(0.99), max: delays.at(1) },
      faults: loop.faults(),
    }
  },
}
