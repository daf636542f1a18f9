// What all scenarios with traffic have in common: warm up, measure, drain, account.
import type { Generator } from '../generator/generator.ts'
import type { Traffic } from '../generator/traffic.ts'
import type { Outcome, Run } from './scenario.ts'
import { measureWork } from './work.ts'

const drainTimeoutMs = 60_000
const drainCheckMs = 20

/** Runs traffic for the time that the scale says; what is on its way at the end must still arrive. */
export async function measureDeliveries(run: Run, generator: Generator, traffic: Traffic): Promise<Outcome> {
  traffic.start()
  const figures = await measureWork(run, {
    count: () => traffic.delivered,
    pause: (ms) => generator.pause(ms),
  })
  traffic.stop()
  await drain(generator, traffic)
  return { figures, faults: traffic.faults() }
}

/** Waits until all that was sent has arrived, or for a minute. */
export async function drain(generator: Generator, traffic: Traffic): Promise<void> {
  const end = performance.now() + drainTimeoutMs
  while (!traffic.isDone && performance.now() < end) await generator.pause(drainCheckMs)
  // A stanza too many would come now.
  await generator.pause(drainCheckMs)
}
