// What a client costs that is logged in and does nothing.
import { Generator } from '../generator/generator.ts'
import { becomeAvailable } from '../generator/login.ts'
import { noFaults } from '../generator/tally.ts'
import { residentKib } from '../measure.ts'
import type { Run, Scenario } from './scenario.ts'

const atOnce = 20

/** Logs in more and more accounts and reads the server's memory after each step. */
export const idleMemory: Scenario = {
  name: 'idle-memory',
  title: () =>
    'sessions with roster and presence, then silence; memory in RAM above that of the empty server',
  forRelay: false,
  metrics: ({ idleSessions }) => [
    ...idleSessions.map((sessions) => ({
      name: `kib${sessions}`,
      label: `KiB per session at ${sessions}`,
      better: 'less' as const,
      bar: 2,
    })),
    { name: 'empty', label: 'MiB of the server without sessions', better: 'less' },
  ],
  accounts: (scale) => Math.max(...scale.idleSessions),
  passwordIterations: 1,
  isArchived: false,
  async run(run) {
    const generator = new Generator(run.server.port)
    try {
      await generator.pause(Math.min(run.scale.settleMs, 2000))
      const empty = residentKib(run.server.pid)
      const figures: Record<string, number> = { empty: empty / 1024 }
      let open = 0
      for (const sessions of run.scale.idleSessions) {
        await openSessions(run, generator, open, sessions)
        open = sessions
        run.progress(`${sessions} sessions, settling`)
        await generator.pause(run.scale.settleMs)
        figures[`kib${sessions}`] = (residentKib(run.server.pid) - empty) / sessions
      }
      return { figures, faults: noFaults }
    } finally {
      generator.resetAll()
    }
  },
}

async function openSessions(run: Run, generator: Generator, from: number, to: number): Promise<void> {
  let next = from
  const openSome = async () => {
    while (next < to) {
      const account = next
      next += 1
      if (account % 100 === 0) run.progress(`logging in, ${account} of ${to}`)
      const connection = generator.connect()
      await run.server.logIn(connection, account)
      await becomeAvailable(connection)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, openSome))
}
