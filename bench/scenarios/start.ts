// How soon somebody can use a server after it was started.
import { Generator } from '../generator/generator.ts'
import { noFaults } from '../generator/tally.ts'
import { residentKib } from '../measure.ts'
import { openClient } from './chat.ts'
import type { Scenario } from './scenario.ts'

/** The process is started, and the first client logs in. */
export const start: Scenario = {
  name: 'start',
  title: () => 'the process is started and a first client logs in, gets its roster and is available',
  forRelay: false,
  metrics: () => [
    { name: 'seconds', label: 's until the first client is in', better: 'less', most: 0.5 },
    { name: 'memory', label: 'MiB of the server then', better: 'less' },
  ],
  accounts: () => 1,
  passwordIterations: 4096,
  isArchived: false,
  async run(run) {
    using generator = new Generator(run.server)
    await openClient(run, generator, 0)
    const seconds = (performance.now() - run.server.startedAt) / 1000
    return { figures: { seconds, memory: residentKib(run.server.pid) / 1024 }, faults: noFaults }
  },
}
