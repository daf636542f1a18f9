// Bytes to tokens: start tags, text, end tags. Limits are kept here. XML 1.0 and RFC 6120 §11.
import { isSpace } from './characters.ts'
import type { XmlFault } from './fault.ts'
import type { XmlLimits } from './limits.ts'
import { readByteOrderMark, readInstruction, readSectionStart } from './markup.ts'
import { Source } from './source.ts'
import type { Tokens } from './tag.ts'
import { TagReader } from './tag-reader.ts'
import { TextReader } from './text.ts'
import { characterEnd } from './utf8.ts'

const lt = 0x3c
const gt = 0x3e
const slash = 0x2f
const exclamation = 0x21
const question = 0x3f

/**
 * What has been read of a document: nothing; nothing since a restart; a byte order mark; more, but no root; its
 * root's start; its root's end.
 */
type Phase = 'start' | 'restart' | 'marked' | 'prolog' | 'content' | 'end'

/**
 * Reads tokens from bytes in any cutting. A tag that has not wholly come is read again when its end has come or
 * it has doubled, so that the work stays in proportion to the bytes.
 */
export class Tokenizer {
  limits: XmlLimits
  readonly #tokens: Tokens
  /** How many open elements make what comes next a top-level element: 1 in a stream, 0 in a document. */
  readonly #topDepth: number
  readonly #source = new Source()
  readonly #tags = new TagReader(this.#source)
  readonly #texts: TextReader
  /** Names of open elements as they were written, byte for byte. */
  readonly #open: string[] = []
  /** How many elements the top-level element has so far. */
  #elements = 0
  #phase: Phase = 'start'
  #isInSection = false
  /** Whether the root of a stream was `<root/>`, and its end has not been told. */
  #owesEnd = false
  #isReading = false
  #isHeld = false

  constructor(tokens: Tokens, limits: XmlLimits, topDepth: number) {
    this.#tokens = tokens
    this.limits = limits
    this.#topDepth = topDepth
    this.#texts = new TextReader(this.#source, tokens)
  }

  /** Whether the root has ended. */
  get isAtEnd(): boolean {
    return this.#phase === 'end'
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
    this.#open.length = 0
    this.#phase = 'restart'
    this.#isInSection = false
    this.#owesEnd = false
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
      this.#tags.clear()
      if (source.fault === undefined) source.settle()
      else source.clear()
    }
    return source.fault
  }

  /** Reads one token; false if it is not whole, or wrong. */
  #readToken(): boolean {
    const source = this.#source
    if (this.#owesEnd) return this.#giveEnd()
    if (source.at >= source.length) return false
    const isTag = source.bytes[source.at] === lt
    if (this.#open.length > this.#topDepth) source.keepToLimit()
    else if (!isTag) return this.#readBetween()
    else this.#beginElement()
    if (this.#isInSection) return this.#readSection()
    return isTag ? this.#readTag() : this.#texts.read()
  }

  /** A top-level element, or what should be one, begins here, if it did not before. */
  #beginElement(): void {
    const source = this.#source
    if (source.isUntouched) {
      source.limit(this.limits.elementBytes)
      this.#elements = 0
    }
    source.keepToLimit()
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
    const source = this.#source
    const tags = this.#tags
    const start = source.at
    if (this.#phase === 'end') return source.refuse('not-well-formed', 'a second root', start)
    const next = tags.read(this.limits)
    if (next < 0) return false
    const depth = this.#open.length + 1
    const isRoot = depth <= this.#topDepth
    this.#elements += 1
    if (this.#elements > this.limits.elements || depth - this.#topDepth > this.limits.depth)
      return source.refuse('policy-violation', 'an element with too many elements in it, or too deep', start)
    const { tag } = tags
    if (tag.isEmpty && !isRoot) this.#phase = depth === 1 ? 'end' : 'content'
    else {
      this.#open.push(tags.writtenName)
      this.#phase = 'content'
      this.#owesEnd = tag.isEmpty
      tag.isEmpty = false
    }
    source.finish(next)
    const reason = this.#tokens.start(tag)
    if (tag.expansion > 0) source.charge(tag.expansion)
    return reason === undefined || source.refuse('not-well-formed', reason, start)
  }

  #readEndTag(): boolean {
    const source = this.#source
    const { bytes, end } = source
    const name = this.#open[this.#open.length - 1]
    if (name === undefined) return source.refuse('not-well-formed', 'an end tag where none is due', source.at)
    const start = source.at + 2
    const nameEnd = start + name.length
    let at = start
    while (at < end && at < nameEnd && bytes[at] === name.charCodeAt(at - start)) at += 1
    if (at === nameEnd) while (at < end && isSpace(bytes[at])) at += 1
    if (at >= end) return source.waitForTag()
    if (at < nameEnd || bytes[at] !== gt)
      return source.refuse('not-well-formed', 'an end tag with the wrong name', start)
    source.finish(at + 1)
    return this.#giveEnd()
  }

  #giveEnd(): true {
    this.#owesEnd = false
    this.#open.pop()
    if (this.#open.length === 0) this.#phase = 'end'
    this.#tokens.end()
    return true
  }

  #readMarkup(): boolean {
    const source = this.#source
    const start = source.at
    if (!readSectionStart(source)) return false
    if (this.#open.length <= this.#topDepth) return this.#refuseText(start)
    this.#isInSection = true
    return true
  }

  #readSection(): boolean {
    if (!this.#texts.readSection()) return false
    this.#isInSection = false
    return true
  }

  #readInstruction(): boolean {
    const phase = this.#phase
    if (!readInstruction(this.#source, phase === 'start' || phase === 'restart' || phase === 'marked'))
      return false
    this.#phase = 'prolog'
    return true
  }

  /** Reads white space between top-level elements, and around the root. */
  #readBetween(): boolean {
    const source = this.#source
    const { bytes, length } = source
    if (this.#phase === 'start' || this.#phase === 'restart') {
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
    return this.#phase === 'content'
      ? this.#source.refuse('bad-format', 'text between the elements of a stream', at)
      : this.#source.refuse('not-well-formed', 'text outside of the root', at)
  }
}
