// Clients that come and go.
import type { Connection } from '../generator/connection.ts'
import type { Generator } from '../generator/generator.ts'
import { logOut } from '../generator/login.ts'

/** Log in and out without end, always the same ones at once. */
export class Visitors {
  /** How many have come in so far. */
  loggedIn = 0
  #isOpen = true
  #all: Promise<unknown> = Promise.resolve()
  readonly #generator: Generator
  readonly #logIn: (account: number) => Promise<Connection>

  constructor(generator: Generator, logIn: (account: number) => Promise<Connection>) {
    this.#generator = generator
    this.#logIn = logIn
  }

  /** So many accounts, from `first` on. */
  start(first: number, count: number): void {
    this.#all = Promise.all(Array.from({ length: count }, (_, index) => this.#comeAndGo(first + index)))
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
      const connection = await this.#logIn(account)
      this.loggedIn += 1
      await logOut(connection)
      this.#generator.end(connection)
    }
  }
}
