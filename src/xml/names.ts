// Names that come all the time: recognized by their bytes, so that they are neither searched for nor made anew.
import { interned } from '../base/interned.ts'
import { colonClass, nameClasses, ordinary } from './characters.ts'

const slotBits = 12
const slots = 1 << slotBits
const longest = 16
// Any odd number scatters; with this one only names that begin alike share a slot.
const multiplier = 0x5bd1e995

/** A fixed set of ASCII names of at most 16 characters. Of two that begin alike only the first may be recognized. */
class KnownNames {
  readonly #names: (string | undefined)[] = new Array(slots).fill(undefined)
  readonly #lengths = new Uint8Array(slots)
  /** How the name in each slot begins, as `beginning` tells it; 0 in empty slots. */
  readonly #beginnings = new Int32Array(slots)
  /** How many bytes of the name its beginning tells for certain. */
  readonly #certain = new Uint8Array(slots)
  /** The bytes of the name in slot n from 16n on. */
  readonly #bytes = new Uint8Array(slots * longest)

  constructor(names: readonly string[]) {
    for (const name of names) {
      const bytes = Buffer.from(`${name}=  `)
      const begins = beginning(bytes, 0)
      const slot = slotOf(begins)
      if (name.length > longest || this.#names[slot] !== undefined) continue
      this.#names[slot] = interned(name)
      this.#lengths[slot] = name.length
      this.#beginnings[slot] = begins
      this.#certain[slot] = begins < 0x100 ? 1 : begins < 0x10000 ? 2 : begins < 0x1000000 ? 3 : 4
      this.#bytes.set(bytes.subarray(0, name.length), slot * longest)
    }
  }

  /** The name that is between `at` and the first byte that can be in no name, if it is one of the set. */
  match(bytes: Uint8Array, at: number, end: number): string | undefined {
    if (at + longest >= end) return undefined
    const begins = beginning(bytes, at)
    const slot = slotOf(begins)
    if (this.#beginnings[slot] !== begins) return undefined
    const length = this.#lengths[slot] as number
    const own = this.#bytes
    const first = slot * longest
    for (let index = this.#certain[slot] as number; index < length; index += 1)
      if (own[first + index] !== bytes[at + index]) return undefined
    const meaning = nameClasses[bytes[at + length] as number]
    return meaning === ordinary || meaning === colonClass ? undefined : this.#names[slot]
  }
}

/**
 * Up to four bytes a name begins with, the first one lowest. From the second on they count while they are small
 * letters, as none of the bytes behind a name is one.
 */
function beginning(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  const second = bytes[at + 1] as number
  if (second < 0x61) return first
  const third = bytes[at + 2] as number
  if (third < 0x61) return first | (second << 8)
  const fourth = bytes[at + 3] as number
  const three = first | (second << 8) | (third << 16)
  return fourth < 0x61 ? three : three | (fourth << 24)
}

function slotOf(begins: number): number {
  return Math.imul(begins, multiplier) >>> (32 - slotBits)
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
/** Types of stanzas. */
export const typeNames = new KnownNames(
  'chat groupchat normal headline error get set result unavailable subscribe'.split(' '),
)
