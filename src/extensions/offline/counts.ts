// How many messages wait, without counting them again for each one more.

/** Owners whose number is remembered. */
const remembered = 1000

interface Count {
  /** While it is being counted: what has been added since. */
  number: number
  counting: Promise<number> | undefined
}

/** Numbers by owner, of those asked for lately. */
export class Counts {
  readonly #byOwner = new Map<string, Count>()
  readonly #ask: (owner: string) => Promise<number>

  /** `ask` counts what has been added before it is called. */
  constructor(ask: (owner: string) => Promise<number>) {
    this.#ask = ask
  }

  /** The number of an owner; at once, if it is known. */
  of(owner: string): number | Promise<number> {
    const known = this.#byOwner.get(owner)
    if (!known) return this.#count(owner)
    const { number, counting } = known
    return counting ? counting.then((counted) => counted + number) : number
  }

  /** One more. */
  add(owner: string): void {
    const known = this.#byOwner.get(owner)
    if (known) known.number += 1
  }

  /** One that was added is not there any more. */
  subtract(owner: string): void {
    const known = this.#byOwner.get(owner)
    if (known) known.number -= 1
  }

  /** The number has changed in another way. */
  forget(owner: string): void {
    this.#byOwner.delete(owner)
  }

  #count(owner: string): Promise<number> {
    // What is added from now on comes on top.
    const count: Count = { number: 0, counting: undefined }
    const counting = this.#ask(owner).then((counted) => {
      count.number += counted
      count.counting = undefined
      return counted
    })
    count.counting = counting
    counting.catch(() => this.#byOwner.delete(owner))
    this.#byOwner.set(owner, count)
    for (const [oldest] of this.#byOwner) {
      if (this.#byOwner.size <= remembered) break
      this.#byOwner.delete(oldest)
    }
    return counting
  }
}
