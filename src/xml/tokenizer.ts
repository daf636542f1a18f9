// Bytes to tokens: start tags, text, end tags. Limits are kept here. XML 1.0 and RFC 6120 §11.
import type { Builder } from './builder.ts'
import { isSpace, skipSpace } from './characters.ts'
import type { XmlFault } from './fault.ts'
import { readByteOrderMark, readInstruction, readSectionStart } from './markup.ts'
import { elementNames } from './names.ts'
import type { Source } from './source.ts'
import { TagReader } from './tag-reader.ts'
import { TextReader } from './text.ts'
import { characterEnd } from './utf8.ts'

const lt = 0x3c
const gt = 0x3e
const slash = 0x2f
const exclamation = 0x21
const question = 0x3f

/** What has been read of a document before its root: nothing; nothing since a restart; a byte order mark; more. */
type Phase = 'start' | 'restart' | 'marked' | 'prolog'

/**
 * Reads tokens from bytes in any cutting. A tag that has not wholly come is read again when its end has come or
 * it has doubled, so that the work stays in proportion to the bytes.
 */
export class Tokenizer {
  readonly #source: Source
  readonly #builder: Builder
  /** How many open elements make what comes next a top-level element: 1 in a stream, 0 in a document. */
  readonly #topDepth: number
  readonly #tags: TagReader
  readonly #texts: TextReader
  #phase: Phase = 'start'
  #isInSection = false
  #isReading = false
  #isHeld = false

  constructor(source: Source, builder: Builder, topDepth: number) {
    this.#source = source
    this.#builder = builder
    this.#topDepth = topDepth
    this.#tags = new TagReader(source, builder)
    this.#texts = new TextReader(source, builder)
  }

  /** Whether the root has ended. */
  get isAtEnd(): boolean {
    return this.#builder.hasRoot && this.#builder.depth === 0
  }

  /** Whether something is left that is no whole token. */
  get hasUnread(): boolean {
    return this.#source.at < this.#source.length
  }

  /** Reads on. Answers what is wrong, if anything: then, and ever after, with the same fault. */
  push(bytes: Uint8Array): XmlFault | undefined {
    const source = this.#source
    if (source.fault === undefined && bytes.length > 0) source.append(bytes)
    return this.#read()
  }

  /** Reads nothing more until `proceed`. */
  hold(): void {
    this.#isHeld = true
  }

  /** Ends `hold` and reads on. */
  proceed(): XmlFault | undefined {
    this.#isHeld = false
    return this.#read()
  }

  /** What comes next is a new document. */
  restart(): void {
    this.#builder.reset()
    this.#phase = 'restart'
    this.#isInSection = false
    this.#source.forget()
  }

  /** Throws away what is unread. */
  discard(): void {
    this.#source.clear()
  }

  #read(): XmlFault | undefined {
    const source = this.#source
    if (this.#isReading || source.fault !== undefined) return source.fault
    this.#isReading = true
    try {
      while (!this.#isHeld && this.#readToken());
    } finally {
      this.#isReading = false
      if (source.fault === undefined) source.settle()
      else {
        source.clear()
        this.#builder.reset()
      }
    }
    return source.fault
  }

  /** Reads one token; false if it is not whole, or wrong. */
  #readToken(): boolean {
    const source = this.#source
    const builder = this.#builder
    if (builder.owesEnd) return this.#giveEnd()
    if (source.at >= source.length) return false
    const isTag = source.bytes[source.at] === lt
    if (builder.depth <= this.#topDepth) {
      if (!isTag) return this.#readBetween()
      if (source.isUntouched) source.beginElement()
    }
    if (this.#isInSection) return this.#readSection()
    return isTag ? this.#readTag() : this.#texts.read()
  }

  #readTag(): boolean {
    const source = this.#source
    const { bytes, at } = source
    if (at + 1 >= source.end || !source.isWorthwhile()) return source.waitForTag()
    switch (bytes[at + 1]) {
      case slash:
        return this.#readEndTag()
      case exclamation:
        return this.#readMarkup()
      case question:
        return this.#readInstruction()
      default:
        return this.#readStartTag()
    }
  }

  #readStartTag(): boolean {
    if (this.isAtEnd) return this.#source.refuse('not-well-formed', 'a second root', this.#source.at)
    return this.#tags.read()
  }

  #readEndTag(): boolean {
    const source = this.#source
    const { bytes, end } = source
    const name = this.#builder.openName
    if (name === '') return source.refuse('not-well-formed', 'an end tag where none is due', source.at)
    const start = source.at + 2
    let at = start + name.length
    // A known name is found sooner than another one is compared.
    if (bytes[at] === gt && elementNames.match(bytes, start, end) === name) {
      source.finish(at + 1)
      return this.#giveEnd()
    }
    if (at < end && bytes[at] !== gt) at = skipSpace(bytes, at, end)
    if (!startsWith(bytes, start, end, name)) return this.#refuseEndTag(start)
    if (at >= end) return source.waitForTag()
    if (bytes[at] !== gt) return this.#refuseEndTag(start)
    source.finish(at + 1)
    return this.#giveEnd()
  }

  #refuseEndTag(at: number): false {
    return this.#source.refuse('not-well-formed', 'an end tag with another name', at)
  }

  #giveEnd(): true {
    this.#builder.end()
    return true
  }

  #readMarkup(): boolean {
    const source = this.#source
    const start = source.at
    if (!readSectionStart(source)) return false
    if (this.#builder.depth <= this.#topDepth) return this.#refuseText(start)
    source.bindElement()
    this.#isInSection = true
    return true
  }

  #readSection(): boolean {
    if (!this.#texts.readSection()) return false
    this.#isInSection = false
    return true
  }

  #readInstruction(): boolean {
    const mayDeclare = !this.#builder.hasRoot && this.#phase !== 'prolog'
    if (!readInstruction(this.#source, mayDeclare)) return false
    this.#phase = 'prolog'
    return true
  }

  /** Reads white space between top-level elements, and around the root. */
  #readBetween(): boolean {
    const source = this.#source
    const { bytes, length } = source
    if (!this.#builder.hasRoot && (this.#phase === 'start' || this.#phase === 'restart')) {
      const start = source.at
      if (!readByteOrderMark(source)) return false
      if (source.at > start) {
        this.#phase = 'marked'
        return true
      }
    }
    let at = source.at
    while (at < length && isSpace(bytes[at])) at += 1
    // White space at a restart still belongs to the stream before: an XML declaration may follow.
    if (this.#phase === 'start' || this.#phase === 'marked') this.#phase = 'prolog'
    source.finish(at)
    return at === length || bytes[at] === lt || this.#refuseBetween(at)
  }

  #refuseBetween(at: number): boolean {
    const { bytes, length } = this.#source
    const byte = bytes[at] as number
    const next = byte < 0x80 ? at + 1 : characterEnd(bytes, at, length)
    if (next === 0) return false
    return next < 0 || byte < 0x20 ? this.#source.refuseCharacter(at) : this.#refuseText(at)
  }

  #refuseText(at: number): false {
    return this.#builder.depth > 0
      ? this.#source.refuse('bad-format', 'text between the elements of a stream', at)
      : this.#source.refuse('not-well-formed', 'text outside of the root', at)
  }
}

/** Whether these bytes, as far as they go, are those of `name`. */
function startsWith(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  const length = Math.min(name.length, end - start)
  for (let index = 0; index < length; index += 1) {
    if (bytes[start + index] !== name.charCodeAt(index)) return false
  }
  return true
}
