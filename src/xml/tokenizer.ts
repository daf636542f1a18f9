// Bytes to tokens: start tags, text, end tags. Limits are kept here. XML 1.0 and RFC 6120 §11.
import {
  ampersand,
  beyondAscii,
  carriageReturn,
  cdataClasses,
  greaterThan,
  isLocalName,
  isSpace,
  lessThan,
  lineOrTab,
  nameClasses,
  ordinary,
  textClasses,
  valueClasses,
} from './characters.ts'
import type { XmlFault, XmlFaultCondition } from './fault.ts'
import { Input } from './input.ts'
import type { XmlLimits } from './limits.ts'
import { resolveReferences } from './references.ts'
import type { StartTag, Tokens } from './tag.ts'
import { characterEnd } from './utf8.ts'

// What a run of characters holds besides ordinary ones.
const hasReference = 1
const hasReturn = 2
const isBeyondAscii = 4
const hasLine = 8

const declaration =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:'1\.[0-9]+'|"1\.[0-9]+")(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:'([A-Za-z][-A-Za-z0-9._]*)'|"([A-Za-z][-A-Za-z0-9._]*)"))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:'(?:yes|no)'|"(?:yes|no)"))?[ \t\r\n]*\?>$/

type Phase = 'start' | 'prolog' | 'content' | 'end'

/**
 * Reads tokens from bytes in any cutting. A token that has not wholly come is looked at again when its end has,
 * or when it has doubled, so that the work stays in proportion to the bytes.
 */
export class Tokenizer {
  limits: XmlLimits
  readonly #tokens: Tokens
  /** How many open elements make what comes next a top-level element: 1 in a stream, 0 in a document. */
  readonly #topDepth: number
  readonly #input = new Input()
  readonly #open: string[] = []
  #phase: Phase = 'start'
  #isRestarted = false
  #fault: XmlFault | undefined
  #isReading = false
  #isHeld = false
  #isCdata = false
  /** Whether the root of a stream was `<root/>`, and its end is still to be told. */
  #owesEnd = false
  /** Where the limit of bytes is reached, counted as `Input.base` is. */
  #bound = 0
  /** Index up to which bytes may be read now. */
  #end = 0
  #elements = 0
  // Of the token at `#input.at`, in case it is not whole: how far it was searched for its end, and what with.
  #searched = 0
  #quote = 0
  #attempted = 0
  #holds = 0
  // Of the tag being read.
  #colon = 0
  #value = ''
  #scratch: string[] = []
  #scratchLength = 0
  #prefixed: string[] | undefined
  #declared: string[] | undefined

  constructor(tokens: Tokens, limits: XmlLimits, topDepth: number) {
    this.#tokens = tokens
    this.limits = limits
    this.#topDepth = topDepth
  }

  /** Whether the root element has ended. */
  get isAtEnd(): boolean {
    return this.#phase === 'end'
  }

  get fault(): XmlFault | undefined {
    return this.#fault
  }

  /** How many elements are open. */
  get depth(): number {
    return this.#open.length
  }

  push(bytes: Uint8Array): XmlFault | undefined {
    if (this.#fault !== undefined) return this.#fault
    if (bytes.length > 0) this.#input.append(bytes)
    return this.#read()
  }

  hold(): void {
    this.#isHeld = true
  }

  proceed(): XmlFault | undefined {
    this.#isHeld = false
    return this.#read()
  }

  restart(): void {
    this.#open.length = 0
    this.#phase = 'start'
    this.#isRestarted = true
    this.#isCdata = false
    this.#owesEnd = false
    this.#forget()
  }

  discard(): void {
    this.#input.clear()
    this.#forget()
  }

  /** Takes note that names stand for `bytes` more than was written. */
  charge(bytes: number): void {
    this.#bound -= bytes
  }

  #read(): XmlFault | undefined {
    if (this.#isReading) return this.#fault
    this.#isReading = true
    const input = this.#input
    while (!this.#isHeld && (this.#owesEnd ? this.#giveEnd() : input.at < input.length && this.#readToken()));
    if (this.#fault !== undefined) this.discard()
    else input.settle()
    this.#scratch.length = 0
    this.#isReading = false
    return this.#fault
  }

  /** Reads one token; false if it is not whole, or wrong. */
  #readToken(): boolean {
    const { bytes, at, length, base } = this.#input
    const first = bytes[at] as number
    if (this.#open.length <= this.#topDepth && !this.#isCdata) {
      if (first !== 0x3c) return this.#readBetween()
      if (this.#searched === 0 && this.#attempted === 0) this.#begin()
    }
    this.#end = Math.min(length, this.#bound - base)
    if (this.#isCdata) return this.#readCdata()
    if (first !== 0x3c) return this.#readText()
    if (at + 1 >= this.#end) return this.#wait()
    if (this.#searched > 0 && !this.#isWorthwhile()) return this.#wait()
    switch (bytes[at + 1]) {
      case 0x2f:
        return this.#readEndTag()
      case 0x21:
        return this.#readMarkup()
      case 0x3f:
        return this.#readInstruction()
      default:
        return this.#readStartTag()
    }
  }

  /** A top-level element, or what should be one, begins at `at`. */
  #begin(): void {
    this.#bound = this.#input.base + this.#input.at + this.limits.elementBytes
    this.#elements = 0
  }

  // ---- what is not whole

  /** The token at `at` goes on behind `#end`: waits for it, unless that is where the limit is. */
  #wait(): false {
    if (this.#end < this.#input.length)
      return this.#refuse('policy-violation', 'the element has too many bytes', this.#end)
    this.#attempted = this.#end - this.#input.at
    return false
  }

  /** Whether the tag that was not whole now is, or has doubled: looks at new bytes only. */
  #isWorthwhile(): boolean {
    const { bytes, at } = this.#input
    let index = at + this.#searched
    let quote = this.#quote
    for (; index < this.#end; index += 1) {
      const byte = bytes[index] as number
      if (byte === 0x3c) break
      if (quote !== 0) {
        if (byte === quote) quote = 0
      } else if (byte === 0x3e) break
      else if (byte === 0x22 || byte === 0x27) quote = byte
    }
    this.#searched = index - at
    this.#quote = quote
    return index < this.#end || index - at >= 2 * this.#attempted
  }

  /** The token that ends before `next` has been read. */
  #finish(next: number): void {
    this.#input.at = next
    this.#forget()
  }

  #forget(): void {
    this.#searched = 0
    this.#quote = 0
    this.#attempted = 0
    this.#holds = 0
  }

  #refuse(condition: XmlFaultCondition, text: string, at: number = this.#input.at): false {
    this.#fault ??= Object.freeze({ condition, text, offset: this.#input.base + at })
    return false
  }

  #refuseByte(at: number): false {
    return (this.#input.bytes[at] as number) >= 0x80
      ? this.#refuse('not-well-formed', 'these bytes are no character in UTF-8', at)
      : this.#refuse('not-well-formed', 'this character is not allowed in XML', at)
  }

  // ---- between top-level elements

  #readBetween(): boolean {
    const input = this.#input
    const { bytes, length } = input
    let at = input.at
    if (this.#phase === 'start' && !isSpace(bytes[at] as number)) return this.#readByteOrderMark()
    while (at < length && isSpace(bytes[at] as number)) at += 1
    // White space that was on its way at a restart still belonged to the old stream.
    if (this.#phase === 'start' && !this.#isRestarted) this.#phase = 'prolog'
    this.#finish(at)
    if (at === length || bytes[at] === 0x3c) return true
    if ((bytes[at] as number) >= 0x80) {
      const end = characterEnd(bytes, at, length)
      if (end === 0) return false
      if (end < 0) return this.#refuseByte(at)
    }
    return this.#phase === 'content'
      ? this.#refuse('bad-format', 'text between the elements of a stream')
      : this.#refuse('not-well-formed', 'text outside of the root element')
  }

  // XML §F: what the first bytes say about the encoding.
  #readByteOrderMark(): boolean {
    const { bytes, at, length } = this.#input
    const first = bytes[at] as number
    if (first === 0xfe || first === 0xff || first === 0)
      return this.#refuse('unsupported-encoding', 'the encoding has to be UTF-8')
    if (first === 0xef && at + 2 >= length) return false
    this.#phase = 'prolog'
    if (first === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) {
      this.#phase = 'start'
      this.#isRestarted = false
      this.#finish(at + 3)
      if (at + 3 < length && bytes[at + 3] !== 0x3c) this.#phase = 'prolog'
    }
    return true
  }

  // ---- text

  #readText(): boolean {
    const input = this.#input
    const { bytes } = input
    const end = this.#end
    const start = input.at
    let at = start + this.#searched
    for (;;) {
      while (at < end && textClasses[bytes[at] as number] === ordinary) at += 1
      if (at >= end) break
      switch (textClasses[bytes[at] as number]) {
        case lessThan:
          return this.#giveText(start, at, at)
        case ampersand:
          this.#holds |= hasReference
          break
        case carriageReturn:
          this.#holds |= hasReturn
          break
        case greaterThan:
          if (isSectionEnd(bytes, start, at)) return this.#refuse('not-well-formed', ']]> in text', at)
          break
        case beyondAscii: {
          const next = characterEnd(bytes, at, end)
          if (next < 0) return this.#refuseByte(at)
          if (next === 0) return this.#pause(at)
          this.#holds |= isBeyondAscii
          at = next - 1
          break
        }
        default:
          return this.#refuseByte(at)
      }
      at += 1
    }
    return this.#pause(at)
  }

  #readCdata(): boolean {
    const input = this.#input
    const { bytes } = input
    const end = this.#end
    const start = input.at
    let at = start + this.#searched
    for (;;) {
      while (at < end && cdataClasses[bytes[at] as number] === ordinary) at += 1
      if (at >= end) break
      switch (cdataClasses[bytes[at] as number]) {
        case carriageReturn:
          this.#holds |= hasReturn
          break
        case greaterThan:
          if (!isSectionEnd(bytes, start, at)) break
          this.#isCdata = false
          return this.#giveText(start, at - 2, at + 1)
        case beyondAscii: {
          const next = characterEnd(bytes, at, end)
          if (next < 0) return this.#refuseByte(at)
          if (next === 0) return this.#pause(at)
          this.#holds |= isBeyondAscii
          at = next - 1
          break
        }
        default:
          return this.#refuseByte(at)
      }
      at += 1
    }
    return this.#pause(at)
  }

  /** Text has come up to `at` and may go on. */
  #pause(at: number): false {
    this.#searched = at - this.#input.at
    return this.#wait()
  }

  #giveText(start: number, end: number, next: number): boolean {
    const text = this.#decode(start, end, this.#holds, '\n')
    if (text === undefined) return false
    this.#finish(next)
    if (text !== '') this.#tokens.text(text)
    return true
  }

  /** Characters as they are meant: XML §2.11 line ends, §3.3.3 white space in values (`line` is then a space), §4.1 references. */
  #decode(start: number, end: number, holds: number, line: string): string | undefined {
    const input = this.#input
    let text = holds & isBeyondAscii ? input.bytes.toString('utf8', start, end) : input.ascii(start, end)
    if (holds & hasReturn) text = text.replaceAll(/\r\n?/g, line)
    if (holds & hasLine) text = text.replaceAll(/[\n\t]/g, ' ')
    if ((holds & hasReference) === 0) return text
    const resolved = resolveReferences(text)
    if ('text' in resolved) return resolved.text
    this.#refuse(
      resolved.refused,
      'a reference to something other than a character or lt, gt, amp, apos, quot',
      start,
    )
    return undefined
  }

  // ---- tags

  #readStartTag(): boolean {
    const input = this.#input
    const { bytes, at: start } = input
    if (this.#phase === 'end') return this.#refuse('not-well-formed', 'a second root element')
    const nameEnd = this.#readName(start + 1)
    if (nameEnd < 0) return false
    const colon = this.#colon
    this.#scratchLength = 0
    this.#prefixed = undefined
    this.#declared = undefined
    const at = this.#readAttributes(nameEnd)
    if (at < 0) return false
    const isEmpty = bytes[at] === 0x2f
    const localName = this.#name(colon === 0 ? start + 1 : colon + 1, nameEnd)
    const tag: StartTag = {
      prefix: colon === 0 ? '' : this.#name(start + 1, colon),
      localName,
      attributes: this.#scratchLength === 0 ? none : this.#scratch.slice(0, this.#scratchLength),
      prefixed: this.#prefixed,
      declared: this.#declared,
      isEmpty,
    }
    return this.#giveStart(
      tag,
      colon === 0 ? localName : this.#name(start + 1, nameEnd),
      isEmpty ? at + 2 : at + 1,
    )
  }

  #giveStart(tag: StartTag, qualifiedName: string, next: number): boolean {
    const start = this.#input.at
    const depth = this.#open.length + 1
    const isRoot = depth <= this.#topDepth
    this.#elements += 1
    if (depth - this.#topDepth > this.limits.depth)
      return this.#refuse('policy-violation', 'too many elements inside each other')
    if (this.#elements > this.limits.elements) return this.#refuse('policy-violation', 'too many elements')
    this.#phase = tag.isEmpty && depth === 1 && !isRoot ? 'end' : 'content'
    if (!tag.isEmpty || isRoot) this.#open.push(qualifiedName)
    this.#owesEnd = tag.isEmpty && isRoot
    this.#finish(next)
    const reason = this.#tokens.start(this.#owesEnd ? { ...tag, isEmpty: false } : tag)
    return reason === undefined || this.#refuse('not-well-formed', reason, start)
  }

  #readEndTag(): boolean {
    const input = this.#input
    const { bytes } = input
    const start = input.at + 2
    const name = this.#open[this.#open.length - 1]
    if (name === undefined) return this.#refuse('not-well-formed', 'an end tag where none is open')
    let at = start
    const asciiEnd = start + name.length
    while (at < asciiEnd && at < this.#end && bytes[at] === name.charCodeAt(at - start)) at += 1
    if (at < asciiEnd) {
      at = this.#readName(start)
      if (at < 0) return false
      if (this.#name(start, at) !== name)
        return this.#refuse('not-well-formed', 'an end tag with another name')
    }
    while (at < this.#end && isSpace(bytes[at] as number)) at += 1
    if (at >= this.#end) return this.#waitForTag()
    if (bytes[at] !== 0x3e) return this.#refuse('not-well-formed', 'an end tag with another name', at)
    this.#finish(at + 1)
    return this.#giveEnd()
  }

  #giveEnd(): true {
    this.#owesEnd = false
    this.#open.pop()
    if (this.#open.length === 0) this.#phase = 'end'
    this.#tokens.end()
    return true
  }

  #waitForTag(): false {
    if (this.#searched === 0) this.#searched = 1
    return this.#wait()
  }

  /** Reads ` name='value'` as often as it comes; answers where `>` or `/>` is, or -1. */
  #readAttributes(from: number): number {
    const { bytes } = this.#input
    const end = this.#end
    let at = from
    for (let count = 0; ; count += 1) {
      const before = at
      while (at < end && isSpace(bytes[at] as number)) at += 1
      if (at >= end) return this.#incomplete()
      const byte = bytes[at]
      if (byte === 0x3e) return at
      if (byte === 0x2f) {
        if (at + 1 >= end) return this.#incomplete()
        return bytes[at + 1] === 0x3e ? at : this.#wrong('a tag with a stray /', at)
      }
      if (at === before) return this.#wrong('no white space before an attribute', at)
      if (count >= this.limits.attributes) {
        this.#refuse('policy-violation', 'too many attributes', at)
        return -1
      }
      at = this.#readAttribute(at)
      if (at < 0) return -1
    }
  }

  #readAttribute(start: number): number {
    const { bytes } = this.#input
    const end = this.#end
    const nameEnd = this.#readName(start)
    if (nameEnd < 0) return -1
    const colon = this.#colon
    let at = nameEnd
    while (at < end && isSpace(bytes[at] as number)) at += 1
    if (at >= end) return this.#incomplete()
    if (bytes[at] !== 0x3d) return this.#wrong('an attribute without =', at)
    at += 1
    while (at < end && isSpace(bytes[at] as number)) at += 1
    if (at >= end) return this.#incomplete()
    at = this.#readValue(at)
    if (at < 0) return -1
    if (colon === 0) {
      const name = this.#name(start, nameEnd)
      if (name === 'xmlns') {
        this.#declared ??= []
        this.#declared.push('', this.#value)
      } else {
        this.#scratch[this.#scratchLength++] = name
        this.#scratch[this.#scratchLength++] = this.#value
      }
    } else this.#addPrefixed(this.#name(start, colon), this.#name(colon + 1, nameEnd))
    return at
  }

  #addPrefixed(prefix: string, name: string): void {
    if (prefix === 'xmlns') {
      this.#declared ??= []
      this.#declared.push(name, this.#value)
    } else {
      this.#prefixed ??= []
      this.#prefixed.push(prefix, name, this.#value)
    }
  }

  /** Reads a value in quotes into `#value`; answers where it ends, or -1. */
  #readValue(from: number): number {
    const { bytes } = this.#input
    const end = this.#end
    const quote = bytes[from] as number
    if (quote !== 0x27 && quote !== 0x22) return this.#wrong('a value without quotes', from)
    const start = from + 1
    let holds = 0
    let at = start
    for (;;) {
      while (at < end && valueClasses[bytes[at] as number] === ordinary) at += 1
      if (at >= end) return this.#incomplete()
      const byte = bytes[at] as number
      if (byte === quote) break
      switch (valueClasses[byte]) {
        case lessThan:
          return this.#wrong('a < within a value', at)
        case ampersand:
          holds |= hasReference
          break
        case carriageReturn:
          holds |= hasReturn
          break
        case lineOrTab:
          holds |= hasLine
          break
        case beyondAscii: {
          const next = characterEnd(bytes, at, end)
          if (next === 0) return this.#incomplete()
          if (next < 0) {
            this.#refuseByte(at)
            return -1
          }
          holds |= isBeyondAscii
          at = next - 1
          break
        }
        default:
          if (byte >= 0x20) break
          this.#refuseByte(at)
          return -1
      }
      at += 1
    }
    if (at - start > this.limits.valueLength) {
      this.#refuse('policy-violation', 'a value is too long', start)
      return -1
    }
    const value = this.#decode(start, at, holds, ' ')
    if (value === undefined) return -1
    this.#value = value
    return at + 1
  }

  /** Reads a name, with a prefix or without; answers where it ends, or -1; `#colon` is where its colon is, or 0. */
  #readName(start: number): number {
    const { bytes } = this.#input
    const end = this.#end
    let at = start
    while (at < end && nameClasses[bytes[at] as number] !== 0) at += 1
    this.#colon = 0
    if (at < end && bytes[at] === 0x3a) {
      this.#colon = at
      at += 1
      while (at < end && nameClasses[bytes[at] as number] !== 0) at += 1
    }
    if (at >= end) return this.#incomplete()
    return this.#isName(start, at) ? at : -1
  }

  #isName(start: number, end: number): boolean {
    if (end - start > this.limits.nameLength)
      return this.#refuse('policy-violation', 'a name is too long', start)
    const colon = this.#colon
    return colon === 0
      ? this.#isLocalName(start, end)
      : this.#isLocalName(start, colon) && this.#isLocalName(colon + 1, end)
  }

  #isLocalName(start: number, end: number): boolean {
    const { bytes } = this.#input
    if (start < end && nameClasses[bytes[start] as number] === 3) {
      let at = start
      while (at < end && (bytes[at] as number) < 0x80) at += 1
      if (at === end || isLocalName(this.#name(start, end))) return true
    }
    return this.#refuse('not-well-formed', 'something that is not a name', start)
  }

  #name(start: number, end: number): string {
    const { bytes } = this.#input
    for (let at = start; at < end; at += 1)
      if ((bytes[at] as number) >= 0x80) return bytes.toString('utf8', start, end)
    return this.#input.ascii(start, end)
  }

  #incomplete(): -1 {
    this.#waitForTag()
    return -1
  }

  #wrong(text: string, at: number): -1 {
    this.#refuse('not-well-formed', text, at)
    return -1
  }

  // ---- declarations, instructions, sections

  // XML §2.8; RFC 6120 §11.3 and §11.6.
  #readInstruction(): boolean {
    const input = this.#input
    const { bytes, at } = input
    const seen = this.#ahead('<?xml')
    if (seen === undefined || (seen && at + 5 >= this.#end)) return this.#waitForTag()
    const isDeclaration = seen && nameClasses[bytes[at + 5] as number] === 0
    if (!isDeclaration) return this.#refuse('restricted-xml', 'a processing instruction')
    if (this.#phase !== 'start')
      return this.#refuse('not-well-formed', 'an XML declaration that is not at the start')
    let end = at + 5
    while (end < this.#end && bytes[end] !== 0x3e) end += 1
    if (end >= this.#end) return this.#waitForTag()
    const match = declaration.exec(bytes.toString('latin1', at, end + 1))
    if (match === null) return this.#refuse('not-well-formed', 'an XML declaration that is wrong')
    const encoding = match[1] ?? match[2] ?? 'utf-8'
    if (encoding.toLowerCase() !== 'utf-8')
      return this.#refuse('unsupported-encoding', 'the encoding has to be UTF-8')
    this.#phase = 'prolog'
    this.#finish(end + 1)
    return true
  }

  // RFC 6120 §11.1: neither comments nor document types.
  #readMarkup(): boolean {
    const isSection = this.#ahead('<![CDATA[')
    const isComment = this.#ahead('<!--')
    const isDoctype = this.#ahead('<!DOCTYPE')
    if (isComment) return this.#refuse('restricted-xml', 'a comment')
    if (isDoctype) return this.#refuse('restricted-xml', 'a document type')
    if (isSection) return this.#beginSection()
    if (isSection === undefined || isComment === undefined || isDoctype === undefined)
      return this.#waitForTag()
    return this.#refuse('not-well-formed', 'markup that is neither a tag nor a CDATA section')
  }

  #beginSection(): boolean {
    if (this.#open.length === 0) return this.#refuse('not-well-formed', 'text outside of the root element')
    if (this.#open.length <= this.#topDepth)
      return this.#refuse('bad-format', 'text between the elements of a stream')
    this.#finish(this.#input.at + 9)
    this.#isCdata = true
    return true
  }

  /** Whether `text` is what comes at `at`; `undefined` if that cannot be told yet. */
  #ahead(text: string): boolean | undefined {
    const { bytes, at } = this.#input
    for (let index = 0; index < text.length; index += 1) {
      if (at + index >= this.#end) return undefined
      if (bytes[at + index] !== text.charCodeAt(index)) return false
    }
    return true
  }
}

const none: readonly string[] = Object.freeze([])

function isSectionEnd(bytes: Uint8Array, start: number, at: number): boolean {
  return at - start >= 2 && bytes[at - 1] === 0x5d && bytes[at - 2] === 0x5d
}
