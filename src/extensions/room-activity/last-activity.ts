// XEP-0437 §4: when something was said last in each room; kept a little later, so that not every message is a write.
import type { Timer } from '../../base/clock.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { KeyValue } from '../../storage/storage.ts'

const keepEveryMs = 60_000

/** Times of the last messages of rooms, by localpart. */
export class LastActivity {
  readonly #host: ScopedHost
  readonly #kept: KeyValue<number>
  /** What is not kept yet, in milliseconds since 1970. */
  readonly #unkept = new Map<string, number>()
  #timer: Timer | undefined

  constructor(host: ScopedHost) {
    this.#host = host
    this.#kept = host.store.keyValue('room-last-activity')
  }

  note(room: string, when: number): void {
    this.#unkept.set(room, when)
    if (this.#timer) return
    this.#timer = this.#host.clock.after(keepEveryMs, () => {
      this.#timer = undefined
      this.keep().catch((error: unknown) => this.#host.log.error('activity not kept', { error }))
    })
  }

  /** Waits for nothing any more. */
  close(): void {
    this.#timer?.cancel()
  }

  /** When something was said last; `undefined` for never. */
  async of(room: string): Promise<number | undefined> {
    return this.#unkept.get(room) ?? (await this.#kept.get(room))
  }

  /** Forgets a room. */
  async erase(room: string): Promise<void> {
    this.#unkept.delete(room)
    await this.#kept.set(room, undefined)
  }

  /** Resolves when all is kept. */
  async keep(): Promise<void> {
    const all = [...this.#unkept]
    this.#unkept.clear()
    await Promise.all(all.map(([room, when]) => this.#kept.set(room, when)))
  }
}
