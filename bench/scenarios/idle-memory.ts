// What a client costs that is logged in and does nothing.
import { Generator } from '../generator/generator.ts'
import { someAtOnce } from '../generator/some-at-once.ts'
import { noFaults } from '../generator/tally.ts'
import { residentKib } from '../measure.ts'
import { openClient } from './chat.ts'
import type { Run, Scenario } from './scenario.ts'

const atOnce = 20

/** Logs in more and more accounts and reads the server's memory after each step. */
function idleMemoryScenario(name: string, isTls: boolean, mostKib: number): Scenario {
  return {
    name,
    title: () =>
      `sessions${isTls ? ' over TLS' : ''} with roster and presence, then silence; memory in RAM above that of the empty server`,
    forRelay: false,
    isTls,
    mostRuns: 1,
    timeoutMs: 900_000,
    sparesEjabberd: isTls,
    metrics: ({ idleSessions }) => [
      ...idleSessions.map((sessions) => ({
        name: `kib${sessions}`,
        label: `KiB per session at ${sessions}`,
        better: 'less' as const,
        bar: 2,
        ...(sessions === Math.max(...idleSessions) && { most: mostKib }),
      })),
      { name: 'empty', label: 'MiB of the server without sessions', better: 'less' },
    ],
    accounts: (scale) => Math.max(...scale.idleSessions),
    passwordIterations: 1,
    isArchived: false,
    async run(run) {
      using generator = new Generator(run.server)
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
    },
  }
}

/** In clear. */
export const idleMemory = idleMemoryScenario('idle-memory', false, 10)
/** Encrypted: most of it is OpenSSL's. */
export const idleMemoryTls = idleMemoryScenario('idle-memory-tls', true, 40)

async function openSessions(run: Run, generator: Generator, from: number, to: number): Promise<void> {
  await someAtOnce({ first: from, end: to, atOnce }, async (account) => {
    if (account % 100 === 0) run.progress(`logging in, ${account} of ${to}`)
    await openClient(run, generator, account)
  })
}
