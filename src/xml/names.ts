// Names that come all the time: found by their bytes, so that no string is made for them.

const slots = 1024

/** A fixed set of ASCII strings that can be found by their bytes. */
export class KnownStrings {
  readonly #strings: (string | undefined)[] = new Array(slots).fill(undefined)

  /** Where two would share a slot, the first is kept: the other is merely not known. */
  constructor(strings: readonly string[]) {
    for (const string of strings) {
      const last = string.length - 1
      const middle = string.charCodeAt(string.length >> 1)
      this.#strings[slot(string.charCodeAt(0), middle, string.charCodeAt(last), string.length)] ??= string
    }
  }

  /** The string that these bytes are, if it is one of the set. */
  find(bytes: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start
    const middle = bytes[start + (length >> 1)] as number
    const found = this.#strings[slot(bytes[start] as number, middle, bytes[end - 1] as number, length)]
    if (found === undefined || found.length !== length) return undefined
    for (let index = 0; index < length; index += 1) {
      if (found.charCodeAt(index) !== bytes[start + index]) return undefined
    }
    return found
  }
}

function slot(first: number, middle: number, last: number, length: number): number {
  return (first * 7 + middle * 31 + last * 67 + length * 131) & (slots - 1)
}

const names =
  'a abort action activate active affiliation affiliations after archived auth authentication base64 before ' +
  'bind block blocking body c challenge change close code column conference composing condition config ' +
  'configure continue count create cert data default delay delete description desc destroy enable enabled ' +
  'encoding encrypted error event failed failure feature features field file fin first flip-page forwarded from ' +
  'group h handshake hash header headers hint html http iq id identity index instructions invite item items ' +
  'iv jid key label lang last list location mandatory max media mechanism mechanisms message method mode name ' +
  'next nick node no-copy no-store notify occupant-id open option optional options order origin-id otherwise ' +
  'password paused payload photo presence prekey preId previd prev priority private proceed publish ' +
  'publish-options pubsub purge put query queryid r reason received register reply request required resource ' +
  'response result resume resumed retract ring rid role roster sasl secret sent service session set show sid ' +
  'size stamp stanza-id starttls status store stream subject subscribe subscription success text thread title to ' +
  'token transport type unique unsubscribe uri url username users value var ver version x xmlns xmpp zone ' +
  'xml:lang xml:base stream:stream stream:features stream:error'

/** Names of elements and attributes that XMPP uses all day, with and without prefix. */
export const knownNames = new KnownStrings(names.split(' '))
