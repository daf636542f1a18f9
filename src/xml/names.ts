// Names that come all the time: recognized by their bytes, so that they are neither searched for nor made anew.
import { colonClass, nameClasses, ordinary } from './characters.ts'

const slots = 4096
const longest = 16

/** A fixed set of ASCII names of at most 16 characters. Of two that begin alike only the first may be recognized. */
export class KnownNames {
  readonly #names: (string | undefined)[] = new Array(slots).fill(undefined)
  readonly #lengths = new Uint8Array(slots)
  /** The bytes of the name in slot n from 16n on. */
  readonly #bytes = new Uint8Array(slots * longest)

  constructor(names: readonly string[]) {
    for (const name of names) {
      const bytes = Buffer.from(`${name}=  `)
      const slot = slotOf(bytes, 0)
      if (name.length > longest || this.#names[slot] !== undefined) continue
      this.#names[slot] = name
      this.#lengths[slot] = name.length
      this.#bytes.set(bytes.subarray(0, name.length), slot * longest)
    }
  }

  /** The name that is between `at` and the first byte that can be in no name, if it is one of the set. */
  match(bytes: Uint8Array, at: number, end: number): string | undefined {
    if (at + longest >= end) return undefined
    const slot = slotOf(bytes, at)
    const length = this.#lengths[slot] as number
    const own = this.#bytes
    const first = slot * longest
    for (let index = 0; index < length; index += 1)
      if (own[first + index] !== bytes[at + index]) return undefined
    const meaning = nameClasses[bytes[at + length] as number]
    return meaning === ordinary || meaning === colonClass ? undefined : this.#names[slot]
  }
}

/**
 * A number made of up to four bytes a name begins with. From the second on they count while they are small
 * letters, as none of the bytes behind a name is one.
 */
function slotOf(bytes: Uint8Array, at: number): number {
  const second = smallLetter(bytes[at + 1] as number)
  const third = second === 0 ? 0 : smallLetter(bytes[at + 2] as number)
  const fourth = third === 0 ? 0 : smallLetter(bytes[at + 3] as number)
  return ((bytes[at] as number) ^ (second << 2) ^ (third << 4) ^ (fourth << 6)) & (slots - 1)
}

function smallLetter(byte: number): number {
  return byte >= 0x61 ? byte : 0
}

const usual =
  'message presence iq body to from id type xmlns lang thread subject active composing paused inactive ' +
  'gone x item c ver node hash status show priority query delay stamp origin-id stanza-id by request ' +
  'received markable displayed replace store no-store private sent forwarded result error text ' +
  'condition r a h enable resumed failed auth response challenge success starttls bind resource jid ' +
  'session name value var field option title label desc url photo nick reason password history invite ' +
  'decline identity feature vCard pubsub event publish retract subscription group ask ping jingle ' +
  'content transport candidate payload encrypted header key rid sid iv set max before after first last ' +
  'count index code affiliation role destroy occupant-id since seconds maxstanzas maxchars version ' +
  'stream features'

/** Names of elements that XMPP uses all day. */
export const elementNames = new KnownNames(usual.split(' '))
/** Names of attributes that XMPP uses all day, `xml:lang` among them, whose prefix needs no declaration. */
export const attributeNames = new KnownNames(['xml:lang', ...usual.split(' ')])
