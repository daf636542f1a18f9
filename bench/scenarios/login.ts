// RFC 6120: connecting, logging in, binding a resource and leaving again.
import { Generator } from '../generator/generator.ts'
import { logOut } from '../generator/login.ts'
import { noFaults } from '../generator/tally.ts'
import { startSpan } from '../measure.ts'
import type { Run, Scenario } from './scenario.ts'
import { workFigures, workMetrics } from './work.ts'

const atOnce = 50

/** Clients that log in and out as fast as the server lets them, always `atOnce` of them. */
export const login: Scenario = {
  name: 'login',
  title: () => `log-ins (TCP, SASL PLAIN against a hash of 4,096 rounds, bind, close), ${atOnce} at a time`,
  forRelay: false,
  metrics: () => workMetrics('log-in', 'log-ins'),
  accounts: () => atOnce,
  // RFC 5802 §5.1: the least that should be used.
  passwordIterations: 4096,
  isArchived: false,
  async run(run) {
    const generator = new Generator(run.server.port)
    const visitors = new Visitors(run, generator)
    try {
      run.progress('warming up')
      visitors.start()
      await visitors.pause(run.scale.warmUpMs)
      run.progress('measuring')
      const before = visitors.loggedIn
      const endSpan = startSpan(run.server.pid)
      await visitors.pause(run.scale.measureMs)
      const count = visitors.loggedIn - before
      const span = endSpan()
      await visitors.stop()
      return {
        figures: workFigures(count, span),
        faults: noFaults,
      }
    } finally {
      generator.resetAll()
    }
  },
}

class Visitors {
  loggedIn = 0
  #isOpen = true
  #all: Promise<unknown> = Promise.resolve()
  readonly #run: Run
  readonly #generator: Generator

  constructor(run: Run, generator: Generator) {
    this.#run = run
    this.#generator = generator
  }

  start(): void {
    this.#all = Promise.all(Array.from({ length: atOnce }, (_, account) => this.#comeAndGo(account)))
    this.#all.catch(() => {})
  }

  /** Lets them come and go for a while; rejects when one is refused. */
  async pause(ms: number): Promise<void> {
    await Promise.race([this.#generator.pause(ms), this.#all])
  }

  /** Lets no more in and waits until the last has left. */
  async stop(): Promise<void> {
    this.#isOpen = false
    await this.#all
  }

  async #comeAndGo(account: number): Promise<void> {
    while (this.#isOpen) {
      const connection = this.#generator.connect()
      await this.#run.server.logIn(connection, account)
      this.loggedIn += 1
      await logOut(connection)
      this.#generator.end(connection)
    }
  }
}
