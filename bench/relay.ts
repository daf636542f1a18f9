// The yardstick's program: finds the `to` of a stanza and copies its bytes; checks nothing. Argument: the port.
import { createServer, type Socket } from 'node:net'

/** What stanzas end with, by the letter after their `<`. */
const ends = new Map(
  ['message', 'presence', 'iq'].map((name) => [name.charCodeAt(0), Buffer.from(`</${name}>`)]),
)
const toStart = Buffer.from(" to='")
const quote = 0x27 // '

/** Somebody to whom bytes go: a client, or everyone in a room. What comes in one turn is written together. */
class Target {
  readonly sockets: Socket[] = []
  #pending: Buffer[] = []

  /** Returns whether this is the first in this turn. */
  add(bytes: Buffer): boolean {
    return this.#pending.push(bytes) === 1
  }

  flush(): void {
    const bytes = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending)
    this.#pending = []
    for (const socket of this.sockets) socket.write(bytes)
  }
}

/** All clients and rooms by address. */
class Relay {
  readonly #targets = new Map<string, Target>()
  #waiting: Target[] = []

  accept(socket: Socket): void {
    let rest: Buffer = Buffer.alloc(0)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      rest = bytes.subarray(this.#relayStanzas(bytes))
      if (rest.length > 0) rest = rest.subarray(this.#greet(rest, socket))
    })
  }

  /** Returns how many bytes were whole stanzas. */
  #relayStanzas(bytes: Buffer): number {
    let start = 0
    for (;;) {
      const end = ends.get(bytes[start + 1] ?? 0)
      const at = end ? bytes.indexOf(end, start) : -1
      if (!end || at < 0) return start
      const next = at + end.length
      this.#relay(bytes.subarray(start, next))
      start = next
    }
  }

  #relay(stanza: Buffer): void {
    const start = stanza.indexOf(toStart) + toStart.length
    const target = this.#targets.get(stanza.toString('latin1', start, stanza.indexOf(quote, start)))
    if (!target?.add(stanza)) return
    this.#waiting.push(target)
    if (this.#waiting.length === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const target of waiting) target.flush()
  }

  /** Set-up: `<hello from='address'/>` makes a client known, `<enter to='room'/>` puts it into a room. */
  #greet(bytes: Buffer, socket: Socket): number {
    const match = /^<(hello|enter) (?:from|to)='([^']+)'\/>/.exec(bytes.toString())
    if (!match) return 0
    const [text, verb, address] = match as unknown as [string, string, string]
    const target = this.#targets.get(address) ?? new Target()
    this.#targets.set(address, target)
    target.sockets.push(socket)
    socket.write(`<${verb}/>`)
    return text.length
  }
}

const relay = new Relay()
createServer((socket) => relay.accept(socket)).listen(Number(process.argv[2]), '127.0.0.1')
