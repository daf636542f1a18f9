// What is measured about a process (by Linux's /proc) and what is made of several runs.
import { readFileSync } from 'node:fs'

/** Linux counts the time of processes in hundredths of a second, whatever the kernel's own clock. */
const microsecondsPerTick = 10_000
/** Where utime and stime stand in /proc/PID/stat, counted after the name in brackets (proc(5)). */
const userTimeField = 11
const systemTimeField = 12

/** The time, user and system, that all threads of a process have had on a processor so far, in microseconds. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[userTimeField]) + Number(fields[systemTimeField])) * microsecondsPerTick
}

/** The memory of a process that is in RAM, in KiB. */
export function residentKib(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  if (!found) throw new Error(`process ${pid} has no memory; it seems to have ended`)
  return Number(found[1])
}

/** Fields of the first line of /proc/stat that are time in which no process ran: idle and iowait (proc(5)). */
const idleFields: readonly number[] = [3, 4]
/** Time of guests is counted in user time already. */
const guestFields: readonly number[] = [8, 9]

/** The time that all processors together have been busy so far, or were taken away by a hypervisor, in microseconds. */
function busyMicroseconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
  const fields = line.trim().split(/\s+/).slice(1).map(Number)
  const ticks = fields.filter((_, index) => !idleFields.includes(index) && !guestFields.includes(index))
  return ticks.reduce((sum, ticks) => sum + ticks, 0) * microsecondsPerTick
}

/** What went by between two moments; times on a processor are user and system time, in microseconds. */
export interface Span {
  readonly seconds: number
  readonly serverCpu: number
  /** Of this process, which is the generator. */
  readonly generatorCpu: number
  /** Of everything else on the machine, which should be nothing. */
  readonly othersCpu: number
}

/** Starts to measure the server with this process id; the function returned ends it. */
export function startSpan(pid: number): () => Span {
  const time = performance.now()
  const serverCpu = cpuMicroseconds(pid)
  const busy = busyMicroseconds()
  const generator = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(generator)
    const server = cpuMicroseconds(pid) - serverCpu
    const others = busyMicroseconds() - busy - server - user - system
    return {
      seconds: (performance.now() - time) / 1000,
      serverCpu: server,
      generatorCpu: user + system,
      othersCpu: Math.max(0, others),
    }
  }
}

/** Runs `work`, which does as many things as it answers, for `ms` of this process's time; answers what one of them takes. */
export function cpuMicrosecondsEach(work: () => number, ms: number): number {
  const start = process.cpuUsage()
  let count = 0
  let micros = 0
  while (micros < ms * 1000) {
    count += work()
    const { user, system } = process.cpuUsage(start)
    micros = user + system
  }
  return micros / count
}

/** The least of the values below which that share of them is; 1 is for the largest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** One metric over all runs. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly runs: readonly number[]
}

/** Sums up one metric; there must be at least one run. */
export function summarize(runs: readonly number[]): Summary {
  const sorted = runs.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const median = ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2
  return { median, min: sorted[0] as number, max: sorted.at(-1) as number, runs }
}
