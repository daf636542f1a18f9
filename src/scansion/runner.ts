// Plays one script: every step in its order, on connections of its own.
import type { Element } from '../xml/element.ts'
import type { Order } from './inbox.ts'
import { holdingClock, pause } from './pause.ts'
import { type Exchange, Player, type PlayerOptions } from './player.ts'
import type { Script, ScriptNote, SendStep, Step } from './script.ts'
import { UnknownVariable, Variables } from './variables.ts'

/** How a script is played. */
export interface PlayOptions extends PlayerOptions {
  readonly order: Order
  /** How long to go on reading after each sends, connects and disconnects, in milliseconds. */
  readonly settleMs: number
}

/** Where and why a performance ended before its end. */
export interface Failure {
  /** Number of the step, from 1. */
  readonly step: number
  readonly line: number
  readonly message: string
  readonly expected?: Element
  /** What came instead, if anything. */
  readonly received?: Element
  /** Everything of that character's inbox that did not match, oldest first. */
  readonly unmatched: readonly Element[]
  /** The last stanzas of each character. */
  readonly exchanges: ReadonlyMap<string, readonly Exchange[]>
}

/** What came of playing a script. */
export interface Performance {
  readonly steps: number
  readonly durationMs: number
  readonly notes: readonly ScriptNote[]
  readonly failure?: Failure
}

interface Mismatch {
  readonly expected?: Element
  readonly received?: Element
  readonly unmatched?: readonly Element[]
}

class StepFailure extends Error {
  readonly mismatch: Mismatch

  constructor(message: string, mismatch: Mismatch = {}, cause?: unknown) {
    super(message, { cause })
    this.mismatch = mismatch
  }
}

/** How long `receives: nothing` waits. */
const nothingMs = 1000

/** The usual choices; host and port are the server's. */
export const usualPlay = {
  host: '127.0.0.1',
  port: 5222,
  security: 'auto',
  checksCertificate: false,
  sync: 'ping',
  timeoutMs: 5000,
  sendsLayout: false,
  order: 'script',
  settleMs: 50,
  clock: holdingClock,
} as const satisfies PlayOptions

/** Plays a script to its end or its first failure; in both cases all characters have left when it returns. */
export async function playScript(script: Script, options: PlayOptions): Promise<Performance> {
  const play = new Play(script, options)
  const start = options.clock.now()
  const { steps, failure } = await play.run()
  return {
    steps,
    durationMs: options.clock.now() - start,
    notes: play.notes,
    ...(failure ? { failure } : {}),
  }
}

class Play {
  readonly notes: ScriptNote[]
  readonly #script: Script
  readonly #options: PlayOptions
  readonly #variables: Variables
  readonly #players: ReadonlyMap<string, Player>
  /** Number of the last sends, connects or disconnects begun; what came before it is stale. */
  #action = 0

  constructor(script: Script, options: PlayOptions) {
    this.#script = script
    this.#options = options
    this.#variables = new Variables(script.characters)
    this.notes = [...script.notes]
    const players = script.characters.map((character) => new Player(character, options, () => this.#action))
    this.#players = new Map(players.map((player) => [player.character.name, player]))
  }

  async run(): Promise<{ steps: number; failure?: Failure }> {
    let steps = 0
    try {
      for (const step of this.#script.steps) {
        await this.#perform(step)
        steps += 1
      }
      return { steps }
    } catch (error) {
      return { steps, failure: this.#describe(error, steps) }
    } finally {
      await Promise.all([...this.#players.values()].map((player) => player.leave()))
    }
  }

  #describe(error: unknown, done: number): Failure {
    const mismatch = error instanceof StepFailure ? error.mismatch : {}
    const exchanges = new Map<string, readonly Exchange[]>()
    for (const [name, player] of this.#players) exchanges.set(name, [...player.exchanges])
    return {
      step: done + 1,
      line: this.#script.steps[done]?.line ?? 0,
      message: error instanceof Error ? error.message : String(error),
      ...mismatch,
      unmatched: mismatch.unmatched ?? [],
      exchanges,
    }
  }

  #perform(step: Step): Promise<void> {
    const player = this.#players.get(step.who)
    if (!player) throw new StepFailure(`no character is called ${step.who}`)
    if (step.kind === 'receives') return this.#receive(player, this.#fill(step.stanza))
    if (step.kind === 'receives nothing') return this.#receiveNothing(player)
    this.#action += 1
    if (step.kind === 'sends') return this.#send(player, step)
    return step.kind === 'connects' ? this.#connect(player) : this.#disconnect(player, step.line)
  }

  async #connect(player: Player): Promise<void> {
    const { name } = player.character
    if (player.isConnected) throw new StepFailure(`${name} is connected already`)
    try {
      this.#variables.bound(name, await player.connect())
    } catch (error) {
      throw new StepFailure(`${name} cannot connect: ${messageOf(error)}`, {}, error)
    }
    await this.#settle()
  }

  async #disconnect(player: Player, line: number): Promise<void> {
    if (!player.isConnected) this.notes.push({ line, text: `${player.absence}; nothing to disconnect` })
    await player.leave()
    await this.#settle()
  }

  async #send(player: Player, step: SendStep): Promise<void> {
    const stanza = this.#fill(step.stanza)
    if (player.hasLeft) {
      this.notes.push({ line: step.line, text: `${player.absence}; nothing is sent` })
      return
    }
    if (!player.isConnected) throw new StepFailure(player.absence)
    const note = await player.send(stanza)
    if (note) this.notes.push({ line: step.line, text: note })
    await this.#settle()
  }

  async #receive(player: Player, expected: Element): Promise<void> {
    const { clock, timeoutMs, order } = this.#options
    const end = clock.now() + timeoutMs
    for (;;) {
      const answer = player.inbox.take(expected, order, this.#action)
      if (answer.kind === 'match') return this.#variables.capture(answer.captures)
      const unmatched = player.inbox.leftovers
      if (answer.kind === 'mismatch') {
        throw new StepFailure('another stanza came', { expected, received: answer.stanza, unmatched })
      }
      if (!player.isConnected) throw new StepFailure(player.absence, { expected, unmatched })
      if (clock.now() >= end) {
        throw new StepFailure(`nothing that matches came within ${timeoutMs / 1000} s`, {
          expected,
          unmatched,
        })
      }
      await player.arrival(end - clock.now())
    }
  }

  async #receiveNothing(player: Player): Promise<void> {
    const { clock } = this.#options
    const end = clock.now() + nothingMs
    for (;;) {
      const received = player.inbox.fresh(this.#action)
      if (received) throw new StepFailure('a stanza came where nothing should', { received })
      const left = end - clock.now()
      if (left <= 0 || !player.isConnected) return
      await player.arrival(left)
    }
  }

  #settle(): Promise<void> {
    const { clock, settleMs } = this.#options
    return settleMs > 0 ? pause(clock, settleMs) : Promise.resolve()
  }

  #fill(stanza: Element): Element {
    try {
      return this.#variables.substitute(stanza)
    } catch (error) {
      if (error instanceof UnknownVariable) throw new StepFailure(error.message, {}, error)
      throw error
    }
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
