// Something happened: told to all who listen, in the order in which they came.
import type { Undo } from './scope.ts'

/** Hears of an event; a promise is waited for by `emitAndWait`. */
export type Listener<Item> = (item: Item) => void | Promise<void>

/** A list of listeners for one kind of event. */
export class Signal<Item> {
  #listeners: readonly Listener<Item>[] = []

  add(listener: Listener<Item>): Undo {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  /** Tells every listener, even if one fails; what they throw or reject with goes to `onError`. */
  emit(item: Item, onError: (error: unknown) => void): void {
    for (const listener of this.#listeners) {
      try {
        listener(item)?.catch(onError)
      } catch (error) {
        onError(error)
      }
    }
  }

  /** The same, one after the other, waiting for each. */
  async emitAndWait(item: Item, onError: (error: unknown) => void): Promise<void> {
    for (const listener of this.#listeners) {
      try {
        await listener(item)
      } catch (error) {
        onError(error)
      }
    }
  }
}
