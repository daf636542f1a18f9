// A line: named phases in a fixed order, each with its steps in the order in which they were added.
import type { Scope, Undo } from '../base/scope.ts'

/** What a step says: `'stop'` ends the line here, nothing lets it go on. */
// biome-ignore lint/suspicious/noConfusingVoidType: a step that says nothing is a function without return
export type StepResult = 'stop' | undefined | void

/** One step of a line. It may refuse by throwing a `StanzaError`. */
export type Step<Item> = (item: Item) => StepResult | Promise<StepResult>

/**
 * Says, before an item is made, that a step would do nothing with that stanza on its way to `owner`. It is asked for every
 * recipient of what many get, so it must be quick, and right: the step is not run then.
 */
export type Passes<Stanza, Owner> = (stanza: Stanza, owner: Owner) => boolean

interface Placed<Item, Stanza, Owner> {
  readonly step: Step<Item>
  readonly passes: Passes<Stanza, Owner> | undefined
}

/** A line of phases through which items of one type go: each a `Stanza` with its `Owner`. */
export class Line<Phase extends string, Item, Stanza = never, Owner = never> {
  readonly phases: readonly Phase[]
  readonly #stepsByPhase: Map<Phase, Placed<Item, Stanza, Owner>[]>
  #steps: readonly Step<Item>[] = []
  /** `undefined` while there is a step that says nothing beforehand. */
  #passes: readonly Passes<Stanza, Owner>[] | undefined = []

  constructor(phases: readonly Phase[]) {
    this.phases = phases
    this.#stepsByPhase = new Map(phases.map((phase) => [phase, []]))
  }

  /** Whether anything would happen to an item. */
  get hasSteps(): boolean {
    return this.#steps.length > 0
  }

  /** Adds a step at the end of `phase`. Items already under way are not affected. */
  add(phase: Phase, step: Step<Item>, passes?: Passes<Stanza, Owner>): Undo {
    const steps = this.#stepsByPhase.get(phase)
    if (!steps) throw new TypeError(`no phase ${phase} on this line: ${this.phases.join(', ')}`)
    const placed = { step, passes }
    steps.push(placed)
    this.#arrange()
    return () => {
      const index = steps.indexOf(placed)
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

  /** Whether it is certain beforehand that no step would do anything with a stanza on its way to `owner`. */
  passes(stanza: Stanza, owner: Owner): boolean {
    const all = this.#passes
    if (all === undefined) return false
    for (let index = 0; index < all.length; index += 1) {
      if (!(all[index] as Passes<Stanza, Owner>)(stanza, owner)) return false
    }
    return true
  }

  #arrange(): void {
    const placed = [...this.#stepsByPhase.values()].flat()
    this.#steps = placed.map(({ step }) => step)
    const passes = placed.flatMap((one) => one.passes ?? [])
    this.#passes = passes.length === placed.length ? passes : undefined
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

/**
 * How an extension adds steps: `host.received.copy((delivery) => …)`; what it adds ends with its scope. What comes
 * second says beforehand when the step has nothing to do: see `Passes`.
 */
export type LineEntrance<Phase extends string, Item, Stanza = never, Owner = never> = Readonly<
  Record<Phase, (step: Step<Item>, passes?: Passes<Stanza, Owner>) => Undo>
>

/** The entrance to `line` for whoever owns `scope`. */
export function lineEntrance<Phase extends string, Item, Stanza = never, Owner = never>(
  line: Line<Phase, Item, Stanza, Owner>,
  scope: Scope,
): LineEntrance<Phase, Item, Stanza, Owner> {
  const add = (phase: Phase) => [
    phase,
    (step: Step<Item>, passes?: Passes<Stanza, Owner>) => scope.keep(line.add(phase, step, passes)),
  ]
  return Object.fromEntries(line.phases.map(add))
}
