// Namespaces in XML §4: names that are not recognized by their first bytes.
import { colonClass, isLocalName, mayBeginName, nameClasses, skip } from './characters.ts'
import type { Source } from './source.ts'
import { characterEnd } from './utf8.ts'

/** Reads any name, with or without a prefix. */
export class NameReader {
  readonly #source: Source
  /** The prefix of the name that was read last; `''` for none. */
  prefix = ''
  localName = ''

  constructor(source: Source) {
    this.#source = source
  }

  /** Reads a name into `prefix` and `localName`; answers the index behind it, -1 if it is not whole or is wrong. */
  read(start: number): number {
    const source = this.#source
    const { bytes, end } = source
    const first = skip(nameClasses, bytes, start, end)
    let at = first
    if (at < end && nameClasses[bytes[at] as number] === colonClass)
      at = skip(nameClasses, bytes, first + 1, end)
    if (at >= end) {
      source.waitForTag()
      return -1
    }
    if (at - start > source.limits.nameLength) {
      source.refuse('policy-violation', 'a name that is too long', start)
      return -1
    }
    this.prefix = at === first ? '' : this.#name(start, first)
    this.localName = this.#name(at === first ? start : first + 1, at)
    return source.fault === undefined ? at : -1
  }

  /** The name without colon that these bytes are; refuses them if they are none. */
  #name(start: number, end: number): string {
    const source = this.#source
    if (start < end && mayBeginName(source.bytes[start] as number)) {
      let at = start
      while (at < end && (source.bytes[at] as number) < 0x80) at += 1
      if (at === end) return source.ascii(start, end)
      if (isUtf8(source.bytes, at, end)) {
        const name = source.bytes.toString('utf8', start, end)
        if (isLocalName(name)) return name
      }
    }
    source.refuse('not-well-formed', 'something that is no name', start)
    return ''
  }
}

function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at > 0 && at < end) at = (bytes[at] as number) < 0x80 ? at + 1 : characterEnd(bytes, at, end)
  return at === end
}
