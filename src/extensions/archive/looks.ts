// What an archive has to know of a message, found out once for both sides of a conversation, and for all who get it.
import { type Message, stanzaNamespace } from '../../stanza/stanza.ts'
import { isArchivable, searchText } from '../archive-query/archive-query.ts'

/** A message by itself says in which namespace it is. */
const start = `<message xmlns='${stanzaNamespace}'`

/** A message as an archive looks at it. */
class Look {
  readonly message: Message
  readonly isArchivable: boolean
  #value: string | undefined
  #text: string | undefined

  constructor(message: Message) {
    this.message = message
    this.isArchivable = isArchivable(message)
  }

  /** As it is kept. */
  get value(): string {
    this.#value ??= start + this.message.toString().slice('<message'.length)
    return this.#value
  }

  /** What it is found by. */
  get text(): string {
    this.#text ??= searchText(this.message)
    return this.#text
  }
}

/** Looks at messages; at the same one several times in a row as at one. */
export class Looks {
  #last: Look | undefined

  at(message: Message): Look {
    if (this.#last?.message !== message) this.#last = new Look(message)
    return this.#last
  }
}
