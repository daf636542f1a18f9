// XEP-0045 §7.2.13-14: what was said before, for those who enter.
import type { Jid } from '../../jid/jid.ts'
import { delay, delayNamespace, parseDate } from '../../stanza/delay.ts'
import { hasHint } from '../../stanza/hints.ts'
import { mucNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { Element } from '../../xml/element.ts'
import type { Room } from './room.ts'

/** How much history somebody wants; what is left out does not limit. */
export interface HistoryRequest {
  readonly maxCharacters: number
  readonly maxMessages: number
  /** Milliseconds since 1970. */
  readonly since: number
}

/** A message with when it was said, in milliseconds since 1970. */
export interface SaidMessage {
  readonly message: Message
  readonly when: number
}

/** What is another one in a history, by number; `undefined` for what is no longer there. */
export type HistoryChanges = ReadonlyMap<number, SaidMessage | undefined>

/** An archive of some rooms: what it keeps, the rooms need not keep for their history. */
export interface HistoryKeeper {
  /** Whether what is said in a room now is kept. */
  keeps(room: Room): boolean
  /** The last messages that were kept of a room, at most `most`, oldest first. */
  newest(room: Room, most: number): Promise<readonly SaidMessage[]>
}

interface Said extends SaidMessage {
  /** Counts up. */
  readonly number: number
  /** Whether somebody else keeps it. */
  readonly isElsewhere: boolean
  readonly bytes: number
  delayed: Message | undefined
}

/** The last messages of a room, within a number and a size. */
export class History {
  #said: Said[] = []
  #bytes = 0
  #last = 0
  /** Told of all that changes. */
  onChange: ((changes: HistoryChanges) => void) | undefined
  readonly #room: Jid
  readonly #maxBytes: number

  constructor(room: Jid, maxBytes: number) {
    this.#room = room
    this.#maxBytes = maxBytes
  }

  get length(): number {
    return this.#said.length
  }

  /** Keeps a message as it is broadcast, at most `maxMessages` with it; `isElsewhere`: somebody else keeps it too. */
  add(message: Message, when: number, maxMessages: number, isElsewhere = false): void {
    this.restore(this.#last + 1, { message, when }, isElsewhere)
    const changes = new Map<number, SaidMessage | undefined>()
    if (!isElsewhere) changes.set(this.#last, { message, when })
    this.#shorten(maxMessages, changes)
    if (changes.size > 0) this.onChange?.(changes)
  }

  /** Puts back what was kept, in order of its numbers. */
  restore(number: number, { message, when }: SaidMessage, isElsewhere = false): void {
    // The bytes are made here for all who get the message, not for this count.
    const bytes = message.rest().length
    this.#said.push({ number, message, when, bytes, delayed: undefined, isElsewhere })
    this.#bytes += bytes
    this.#last = number
  }

  /** Puts back what somebody else has kept, at its place in time; the last `maxMessages` of all are left. */
  merge(messages: readonly SaidMessage[], maxMessages: number): void {
    if (messages.length === 0) return
    for (const said of messages) this.restore(this.#last + 1, said, true)
    this.#said.sort((one, other) => one.when - other.when)
    const changes = new Map<number, SaidMessage | undefined>()
    this.#shorten(maxMessages, changes)
    if (changes.size > 0) this.onChange?.(changes)
  }

  /** All there is that nobody else keeps, as if it had just been said. */
  get all(): HistoryChanges {
    return new Map(this.#said.filter(({ isElsewhere }) => !isElsewhere).map((said) => [said.number, said]))
  }

  #shorten(maxMessages: number, changes: Map<number, SaidMessage | undefined>): void {
    while (this.#said.length > maxMessages || this.#bytes > this.#maxBytes) {
      const { number, bytes, isElsewhere } = this.#said.shift() as Said
      this.#bytes -= bytes
      if (!isElsewhere) changes.set(number, undefined)
    }
  }

  /** The newest messages that meet every limit, oldest first, each with its `<delay/>`. */
  find(request: HistoryRequest): Message[] {
    const found: Message[] = []
    let characters = 0
    for (let index = this.#said.length - 1; index >= 0; index -= 1) {
      const said = this.#said[index] as Said
      if (found.length >= request.maxMessages || said.when < request.since) break
      const delayed = this.#delayed(said)
      characters += delayed.head().length + delayed.rest().length
      if (characters > request.maxCharacters) break
      found.push(delayed)
    }
    return found.reverse()
  }

  /** The newest message that `isIt`. */
  search(isIt: (message: Message) => boolean): Message | undefined {
    return this.#said.findLast(({ message }) => isIt(message))?.message
  }

  /** Puts what `change` makes of each message in its place. */
  rewrite(change: (message: Message) => Message): void {
    const changes = new Map<number, SaidMessage>()
    this.#said = this.#said.map((said) => {
      const message = change(said.message)
      if (message === said.message) return said
      const bytes = message.rest().length
      this.#bytes += bytes - said.bytes
      const changed = { ...said, message, bytes, delayed: undefined }
      if (!said.isElsewhere) changes.set(said.number, changed)
      return changed
    })
    if (changes.size > 0) this.onChange?.(changes)
  }

  #delayed(said: Said): Message {
    said.delayed ??= said.message.with({ children: [...said.message.children, delay(this.#room, said.when)] })
    return said.delayed
  }
}

/** What `<history/>` in the `<x/>` of who enters asks for (XEP-0045 §7.2.14), with at most `max` messages. */
export function parseHistoryRequest(x: Element | undefined, now: number, max: number): HistoryRequest {
  const history = x?.child('history', mucNamespace)
  const seconds = parseCount(history?.attribute('seconds'))
  const since = parseDate(history?.attribute('since') ?? '') ?? Number.NEGATIVE_INFINITY
  return {
    maxCharacters: parseCount(history?.attribute('maxchars')),
    maxMessages: Math.min(max, parseCount(history?.attribute('maxstanzas'))),
    since: Math.max(since, now - seconds * 1000),
  }
}

/** Whether a message is worth keeping: it says something, and does not ask to be forgotten (XEP-0334). */
export function belongsToHistory(message: Message): boolean {
  if (hasHint(message, 'no-store') || hasHint(message, 'no-permanent-store')) return false
  if (hasHint(message, 'store') || message.child('body')) return true
  return message.child('subject') !== undefined
}

/** Takes away a `<delay/>` that claims to be the room's. */
export function isForgedDelay(child: Element, room: Jid): boolean {
  return child.is('delay', delayNamespace) && child.attribute('from') === room.toString()
}

function parseCount(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
}
