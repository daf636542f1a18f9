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

/** What went by between two moments. */
export interface Span {
  readonly seconds: number
  readonly serverCpuMicroseconds: number
  /** Of this process, which is the generator. */
  readonly generatorCpuMicroseconds: number
}

/** Starts to measure the server with this process id; the function returned ends it. */
export function startSpan(pid: number): () => Span {
  const time = performance.now()
  const serverCpu = cpuMicroseconds(pid)
  const generatorCpu = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(generatorCpu)
    return {
      seconds: (performance.now() - time) / 1000,
      serverCpuMicroseconds: cpuMicroseconds(pid) - serverCpu,
      generatorCpuMicroseconds: user + system,
    }
  }
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
