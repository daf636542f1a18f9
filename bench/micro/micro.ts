// What each hot part costs by itself: `node bench/micro/micro.ts [part…]`. Read it against itself, not against others.
import { cpuMicrosecondsEach } from '../measure.ts'
import { type Part, parts } from './parts.ts'

/** How long each part is run. */
export interface MicroScale {
  readonly warmUpMs: number
  readonly rounds: number
  readonly roundMs: number
}

const usualScale: MicroScale = { warmUpMs: 500, rounds: 20, roundMs: 50 }

/**
 * Microseconds of processor time that one takes, in the best round: what else the machine does only makes it more.
 * @throws Error if the part does not do what it should
 */
export async function measurePart(part: Part, scale: MicroScale): Promise<number> {
  const work = await part.make()
  cpuMicrosecondsEach(work, scale.warmUpMs)
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < scale.rounds; round += 1)
    best = Math.min(best, cpuMicrosecondsEach(work, scale.roundMs))
  return best
}

/** A line of the report. */
export function describePart({ name, unit }: Part, micros: number): string {
  return `${name.padEnd(16)}${micros.toFixed(3).padStart(9)} µs per ${unit}`
}

if (import.meta.main) {
  const wanted = process.argv.slice(2)
  for (const part of parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
    console.log(describePart(part, await measurePart(part, usualScale)))
  process.exit(0)
}
