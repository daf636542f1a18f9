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

/** A number made of the first three bytes; the third counts if it is a small letter, as what follows a name is not. */
function slotOf(bytes: Uint8Array, at: number): number {
  const third = bytes[at + 2] as number
  const tail = third >= 0x61 ? third : 0
  return (((bytes[at] as number) << 7) ^ ((bytes[at + 1] as number) << 3) ^ tail) & (slots - 1)
}

const usual =
  'message presence iq body to from id type lang thread subject active composing paused inactive ' +
  'gone x item c ver node hash status show priority query delay origin-id by request received ' +
  'markable displayed replace store no-store sent forwarded result error text condition r a h ' +
  'enable failed auth challenge bind jid session name value var field option title label desc url ' +
  'photo nick reason password history invite decline identity feature vCard pubsub event retract ' +
  'group ask ping jingle transport candidate payload encrypted header key rid sid iv set max ' +
  'before after first last count index code affiliation role occupant-id since seconds xmlns stream'

/** Names of elements that XMPP uses all day. */
export const elementNames = new KnownNames(usual.split(' '))
/** Names of attributes that XMPP uses all day, `xml:lang` among them, whose prefix needs no declaration. */
export const attributeNames = new KnownNames(['xml:lang', ...usual.split(' ')])
