// What is to be kept of messages before their senders are told that they have been dealt with.
import { Registry } from '../base/registry.ts'
import type { Message } from '../stanza/stanza.ts'
import type { Delivery } from './message.ts'

/** Waits for what keeps the messages of a host, and refuses those that cannot be kept. */
export class Settlement {
  /** Told of each message that its account received, and that is refused now, before its sender is. */
  readonly unkept = new Registry<(delivery: Delivery) => void>()
  readonly #refuse: (message: Message, error: unknown) => void | Promise<void>

  /** `refuse` tells the sender. */
  constructor(refuse: (message: Message, error: unknown) => void | Promise<void>) {
    this.#refuse = refuse
  }

  /**
   * A message is through its line. Those online have it; its sender is told that it has been dealt with when it is kept. Who has no
   * receipts, a room or another server, waits for the promise instead.
   */
  await(delivery: Delivery): void | Promise<void> {
    if (delivery.isSettled) return
    const { receipts } = delivery.message
    if (!receipts || delivery.isRedelivered) return this.#promiseOf(delivery)
    delivery.receipt = receipts.holdWrite()
    if (!delivery.isBeingKept) delivery.receipt.doubt()
    delivery.whenSettled(this.#end)
  }

  /** The same for all, as there are many. */
  readonly #end = (delivery: Delivery): void => {
    const { failure, receipt, message } = delivery
    if (!failure) {
      receipt?.kept()
      return
    }
    this.#tellUnkept(delivery)
    const end = () => receipt?.kept()
    const told = receipt?.refuse() === false ? undefined : this.#refuse(message, failure.error)
    if (told) told.then(end, end)
    else end()
  }

  #promiseOf(delivery: Delivery): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    delivery.whenSettled(({ failure }) => {
      if (!failure) return resolve()
      this.#tellUnkept(delivery)
      reject(failure.error)
    })
    // Not everybody waits.
    promise.catch(() => {})
    return promise
  }

  #tellUnkept(delivery: Delivery): void {
    if (delivery.session === undefined) for (const listener of this.unkept.items) listener(delivery)
  }
}
