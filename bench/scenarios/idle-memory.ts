// What a client costs that is logged in and does nothing.
import type { Port } from '../generator/connection.ts'
import { Generator } from '../generator/generator.ts'
import { someAtOnce } from '../generator/some-at-once.ts'
import { noFaults } from '../generator/tally.ts'
import { residentKib } from '../measure.ts'
import { openClient } from './chat.ts'
import type { Run, Scenario } from './scenario.ts'

const atOnce = 20

interface IdleShape {
  readonly name: string
  readonly keyExchange?: Port['keyExchange']
  /** What a session may take at most when there are as many as there will be. */
  readonly mostKib?: number
  readonly isNotFor?: readonly string[]
}

/** Logs in more and more accounts and reads the server's memory after each step. */
function idleMemoryScenario({ name, keyExchange, mostKib, isNotFor = [] }: IdleShape): Scenario {
  const isTls = keyExchange !== undefined
  return {
    name,
    title: () =>
      `sessions${isTls ? ` over TLS (${keyExchange})` : ''} with roster and presence, then silence; memory in RAM above that of the empty server`,
    forRelay: false,
    isTls,
    isNotFor,
    mostRuns: 1,
    timeoutMs: 900_000,
    sparesEjabberd: isTls,
    metrics: ({ idleSessions }) => [
      ...idleSessions.map((sessions) => ({
        name: `kib${sessions}`,
        label: `KiB per session at ${sessions}`,
        better: 'less' as const,
        ...(mostKib && { bar: 2 }),
        ...(mostKib && sessions === Math.max(...idleSessions) && { most: mostKib }),
      })),
      { name: 'empty', label: 'MiB of the server without sessions', better: 'less' },
    ],
    accounts: (scale) => Math.max(...scale.idleSessions),
    passwordIterations: 1,
    isArchived: false,
    async run(run) {
      using generator = new Generator({ ...run.server, ...(keyExchange && { keyExchange }) })
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
export const idleMemory = idleMemoryScenario({ name: 'idle-memory', mostKib: 10 })
/** Encrypted: most of it is OpenSSL's. */
export const idleMemoryTls = idleMemoryScenario({
  name: 'idle-memory-tls',
  keyExchange: 'X25519',
  mostKib: 40,
})
/** The same with keys that withstand quantum computers, of which OpenSSL keeps the peer's; the others do not have them. */
export const idleMemoryHybrid = idleMemoryScenario({
  name: 'idle-memory-tls-hybrid',
  keyExchange: 'X25519MLKEM768',
  isNotFor: ['prosody', 'prosody-usual', 'ejabberd'],
})

async function openSessions(run: Run, generator: Generator, from: number, to: number): Promise<void> {
  await someAtOnce({ first: from, end: to, atOnce }, async (account) => {
    if (account % 100 === 0) run.progress(`logging in, ${account} of ${to}`)
    await openClient(run, generator, account)
  })
}
