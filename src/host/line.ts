// A line: named phases in a fixed order, each with its steps in the order in which they were added.
import type { Scope, Undo } from '../base/scope.ts'

/** What a step says: `'stop'` ends the line here, nothing lets it go on. */
// biome-ignore lint/suspicious/noConfusingVoidType: a step that says nothing is a function without return
export type StepResult = 'stop' | undefined | void

/** One step of a line. It may refuse by throwing a `StanzaError`. */
export type Step<Item> = (item: Item) => StepResult | Promise<StepResult>

/** A line of phases through which items of one type go. */
export class Line<Phase extends string, Item> {
  readonly phases: readonly Phase[]
  readonly #stepsByPhase: Map<Phase, Step<Item>[]>
  #steps: readonly Step<Item>[] = []

  constructor(phases: readonly Phase[]) {
    this.phases = phases
    this.#stepsByPhase = new Map(phases.map((phase) => [phase, []]))
  }

  /** Whether anything would happen to an item. */
  get hasSteps(): boolean {
    return this.#steps.length > 0
  }

  /** Adds a step at the end of `phase`. Items already under way are not affected. */
  add(phase: Phase, step: Step<Item>): Undo {
    const steps = this.#stepsByPhase.get(phase)
    if (!steps) throw new TypeError(`no phase ${phase} on this line: ${this.phases.join(', ')}`)
    steps.push(step)
    this.#arrange()
    return () => {
      const index = steps.indexOf(step)
      if (index >= 0) steps.splice(index, 1)
      this.#arrange()
    }
  }

  /**
   * Sends `item` down the line: synchronously until a step answers with a promise.
   * @returns whether it reached the end (false: a step stopped it)
   * @throws whatever a step throws
   */
  run(item: Item): boolean | Promise<boolean> {
    return runFrom(this.#steps, 0, item)
  }

  #arrange(): void {
    this.#steps = [...this.#stepsByPhase.values()].flat()
  }
}

function runFrom<Item>(steps: readonly Step<Item>[], first: number, item: Item): boolean | Promise<boolean> {
  for (let index = first; index < steps.length; index += 1) {
    const result = (steps[index] as Step<Item>)(item)
    if (result === undefined) continue
    if (result === 'stop') return false
    return goOnAfter(result as Promise<StepResult>, steps, index + 1, item)
  }
  return true
}

async function goOnAfter<Item>(
  pending: Promise<StepResult>,
  steps: readonly Step<Item>[],
  next: number,
  item: Item,
): Promise<boolean> {
  return (await pending) === 'stop' ? false : runFrom(steps, next, item)
}

/** How an extension adds steps: `host.received.copy((delivery) => …)`; what it adds ends with its scope. */
export type LineEntrance<Phase extends string, Item> = Readonly<Record<Phase, (step: Step<Item>) => Undo>>

/** The entrance to `line` for whoever owns `scope`. */
export function lineEntrance<Phase extends string, Item>(
  line: Line<Phase, Item>,
  scope: Scope,
): LineEntrance<Phase, Item> {
  const add = (phase: Phase) => [phase, (step: Step<Item>) => scope.keep(line.add(phase, step))]
  return Object.fromEntries(line.phases.map(add))
}
