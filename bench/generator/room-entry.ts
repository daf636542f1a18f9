// XEP-0045 §7.2: many clients enter one room at once, and each is in when it has seen all.
import type { Connection } from './connection.ts'
import type { Generator } from './generator.ts'
import { Scanner } from './scanner.ts'

const mucNamespace = 'http://jabber.org/protocol/muc'
/** Nicks are markers too, so that presence can be counted; messages carry them as well, so they begin otherwise. */
const nickStart = '~'
const nickDigits = 11
const selfPresence = /code=["']110["']/
const stallMs = 600_000

function nickOf(index: number): string {
  return nickStart + String(index).padStart(nickDigits, '0')
}

function joinOf(room: string, index: number): string {
  return `<presence to='${room}/${nickOf(index)}'><x xmlns='${mucNamespace}'><history maxstanzas='0'/></x></presence>`
}

// XEP-0045 §10.1.2: an empty form makes an instant room.
function unlockOf(room: string): string {
  return `<iq to='${room}' type='set' id='unlock'><query xmlns='${mucNamespace}#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`
}

/**
 * The first client makes the room, then all others enter at once. Resolves when each has seen the presence of each,
 * itself included; rejects when a connection is lost or nothing comes for ten minutes.
 */
export async function enterAll(
  clients: readonly Connection[],
  room: string,
  generator: Generator,
): Promise<void> {
  const [creator, ...others] = clients
  if (!creator) return
  await creator.ask(joinOf(room, 0), selfPresence)
  await creator.ask(unlockOf(room), /<iq[^>]*type=["']result["']/)
  const sight = new Sight(clients)
  sight.note(0, 0)
  for (const [index, connection] of others.entries()) connection.write(joinOf(room, index + 1))
  let last = -1
  let quietSince = performance.now()
  while (!sight.isComplete) {
    await Promise.race([sight.completed, generator.pause(1000)])
    if (sight.count !== last) quietSince = performance.now()
    else if (performance.now() - quietSince > stallMs)
      throw new Error(`${sight.missing} presences never came`)
    last = sight.count
  }
}

/** Who has seen whom. */
class Sight {
  readonly completed: Promise<void>
  count = 0
  readonly #size: number
  readonly #seen: Uint8Array
  #complete: () => void = () => {}

  constructor(clients: readonly Connection[]) {
    this.#size = clients.length
    this.#seen = new Uint8Array(Math.ceil((clients.length * clients.length) / 8))
    this.completed = new Promise((resolve) => {
      this.#complete = resolve
    })
    for (const [index, client] of clients.entries()) {
      const scanner = new Scanner((_, other) => this.note(index, other), nickStart)
      client.onBytes = (chunk) => scanner.push(chunk)
    }
  }

  get isComplete(): boolean {
    return this.missing === 0
  }

  get missing(): number {
    return this.#size * this.#size - this.count
  }

  note(viewer: number, other: number): void {
    const bit = viewer * this.#size + other
    const [at, mask] = [bit >>> 3, 1 << (bit & 7)]
    if ((this.#seen[at] as number) & mask) return
    this.#seen[at] = (this.#seen[at] as number) | mask
    this.count += 1
    if (this.isComplete) this.#complete()
  }
}
