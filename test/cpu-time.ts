// What work costs, whatever else the machine is doing meanwhile.

/** The milliseconds of processor time that `work` takes on this thread. */
export function cpuTimeOf(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
