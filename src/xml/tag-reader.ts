// XML §3.1 and Namespaces in XML §3, §4: start tags.
import {
  ampersand,
  beyondAscii,
  carriageReturn,
  lessThan,
  lineOrTab,
  quotation,
  skip,
  skipSpace,
  textClasses,
  valueClasses,
} from './characters.ts'
import { LikelyValue } from './likely-value.ts'
import { NameReader } from './name-reader.ts'
import { attributeNames, elementNames, typeNames } from './names.ts'
import type { Source } from './source.ts'
import { hasRepeatedName, newPrefixed, type Prefixed, repeatedAttribute, type Tokens } from './tag.ts'
import { decode, holdsBeyondAscii, holdsLine, holdsReference, holdsReturn } from './text.ts'
import { characterEnd } from './utf8.ts'

const none: string[] = []
Object.freeze(none)
const lt = 0x3c
const space = 0x20
const slash = 0x2f
const equals = 0x3d
const gt = 0x3e
const apostrophe = 0x27
const quotes = 0x22

/**
 * Reads start tags. What XMPP sends all day, known names and values of ordinary characters, is read straight on;
 * what is not, by methods of its own. What answers an index answers -1 if the tag is not whole or is wrong.
 */
export class TagReader {
  readonly #source: Source
  readonly #tokens: Tokens
  readonly #names: NameReader
  /** Most who write twice write to the same. */
  readonly #likelyTo = new LikelyValue()
  /** Index behind the value that was read last. */
  #next = 0
  // Of the tag that is being read.
  #prefixed: Prefixed | undefined
  #defaultNamespace: string | undefined

  constructor(source: Source, tokens: Tokens) {
    this.#source = source
    this.#tokens = tokens
    this.#names = new NameReader(source)
  }

  /** Reads the tag that begins at `source.at` and tells it; false if it is not whole, or is wrong. */
  read(): boolean {
    const { bytes, at, end } = this.#source
    const known = elementNames.match(bytes, at + 1, end)
    if (known === undefined) return this.#readUnknown(at + 1)
    return this.#readRest(known, at + 1 + known.length)
  }

  #readUnknown(nameStart: number): boolean {
    const nameEnd = this.#names.read(nameStart)
    if (nameEnd < 0) return false
    const name = this.#names.localName
    if (name.length !== nameEnd - nameStart) this.#prefixed = newPrefixed(this.#names.prefix)
    return this.#readRest(name, nameEnd)
  }

  #readRest(name: string, nameEnd: number): boolean {
    const source = this.#source
    const { bytes, end } = source
    this.#next = nameEnd
    const attributes = bytes[nameEnd] === gt ? none : this.#readAttributes(nameEnd, name)
    const at = this.#next
    const prefixed = this.#prefixed
    const defaultNamespace = this.#defaultNamespace
    this.#prefixed = undefined
    this.#defaultNamespace = undefined
    if (attributes === undefined) return false
    const isEmpty = bytes[at] === slash
    if (isEmpty && at + 1 >= end) return source.waitForTag()
    if (isEmpty && bytes[at + 1] !== gt) return source.refuse('not-well-formed', 'a tag with a stray /', at)
    if (prefixed !== undefined)
      return this.#tellPrefixed(name, attributes, defaultNamespace, isEmpty, at, nameEnd, prefixed)
    source.finish(isEmpty ? at + 2 : at + 1)
    if (!isEmpty && bytes[at + 1] !== lt && this.#tokens.isInside) {
      const textEnd = this.#findTextEnd(name, at + 1)
      if (textEnd > 0) return this.#tellTextElement(name, attributes, defaultNamespace, textEnd)
    }
    return this.#tokens.start(name, attributes, defaultNamespace, isEmpty)
  }

  /** Where the text from `from` on ends if it is plain and the end tag of its element, of a known name, comes next. */
  #findTextEnd(name: string, from: number): number {
    const { bytes, end } = this.#source
    const at = skip(textClasses, bytes, from, end)
    const nameStart = at + 2
    if (bytes[at] !== lt || bytes[at + 1] !== slash || bytes[nameStart + name.length] !== gt) return -1
    return elementNames.match(bytes, nameStart, end) === name ? at : -1
  }

  // Most elements inside a stanza hold a text and nothing else. Those that have wholly come are never open.
  #tellTextElement(
    name: string,
    attributes: string[],
    defaultNamespace: string | undefined,
    textEnd: number,
  ): boolean {
    const source = this.#source
    const text = source.ascii(source.at, textEnd)
    if (!this.#tokens.textElement(name, attributes, defaultNamespace, text)) return false
    source.at = textEnd + name.length + 3
    return true
  }

  /** Reads attributes; `#next` is the index behind them. `undefined` if they are not whole, or are wrong. */
  #readAttributes(from: number, elementName: string): string[] | undefined {
    const source = this.#source
    const { bytes, end, likely } = source
    const most = source.limits.attributes
    let attributes = none
    // One bit for each name so far; a second time the same bit may be the same name.
    let seen = 0
    let mayRepeat = false
    let at = from
    for (let count = 0; ; count += 1) {
      const byte = bytes[at]
      if ((byte === gt || byte === slash) && at < end) break
      let name = byte === space ? attributeNames.match(bytes, at + 1, end) : undefined
      let prefix = ''
      if (name !== undefined && bytes[at + 1 + name.length] === equals) at += name.length + 2
      else {
        at = this.#readAttributeName(at)
        if (at < 0) return undefined
        name = this.#names.localName
        prefix = this.#names.prefix
        if (name === '') break
      }
      if (count >= most) return this.#refuseCount(at)
      let value: string | undefined
      if (name === 'type') value = this.#readType(at)
      else if (name === 'to') value = this.#readLikely(this.#likelyTo, at)
      else if (name === 'xmlns' && likely) value = this.#readLikely(likely.of(elementName), at)
      else value = this.#readValue(at)
      if (value === undefined) return undefined
      at = this.#next
      if (prefix !== '' || name === 'xmlns') {
        if (!this.#keepApart(prefix, name, value)) return undefined
        continue
      }
      const bit = 1 << (name.charCodeAt(0) + name.length)
      mayRepeat ||= (seen & bit) !== 0
      seen |= bit
      if (attributes === none) attributes = [name, value]
      else attributes.push(name, value)
    }
    this.#next = at
    return mayRepeat && hasRepeatedName(attributes) ? this.#refuseRepeated(at) : attributes
  }

  /** Keeps a declaration, or an attribute with a prefix; false if it is refused. */
  #keepApart(prefix: string, name: string, value: string): boolean {
    if (prefix === '') {
      if (this.#defaultNamespace !== undefined) {
        this.#refuseRepeated(this.#next)
        return false
      }
      this.#defaultNamespace = value
      return true
    }
    this.#prefixed ??= newPrefixed('')
    if (prefix === 'xmlns') this.#prefixed.declared.push(name, value)
    else this.#prefixed.attributes.push(prefix, name, value)
    return true
  }

  #refuseRepeated(at: number): undefined {
    this.#source.refuse('not-well-formed', repeatedAttribute, at)
  }

  #refuseCount(at: number): undefined {
    this.#source.refuse('policy-violation', 'too many attributes', at)
  }

  #tellPrefixed(
    localName: string,
    attributes: string[],
    defaultNamespace: string | undefined,
    isEmpty: boolean,
    at: number,
    nameEnd: number,
    { prefix, attributes: prefixed, declared }: Prefixed,
  ): boolean {
    const source = this.#source
    const writtenName = source.bytes.latin1Slice(source.at + 1, nameEnd)
    source.finish(isEmpty ? at + 2 : at + 1)
    return this.#tokens.startPrefixed({
      writtenName,
      prefix,
      localName,
      attributes,
      prefixed,
      defaultNamespace,
      declared,
      isEmpty,
    })
  }

  /**
   * Reads white space, the name of an attribute and `=`; answers the index behind. Where the tag ends instead,
   * the local name is `''` and the index that of `>` or `/`.
   */
  #readAttributeName(from: number): number {
    const { bytes, end } = this.#source
    let at = skipSpace(bytes, from, end)
    if (at >= end) return this.#wait()
    if (bytes[at] === gt || bytes[at] === slash) {
      this.#names.localName = ''
      return at
    }
    if (at === from) return this.#refuse('no white space before an attribute', at)
    at = this.#names.read(at)
    if (at < 0) return -1
    if (this.#names.prefix === 'xml') {
      this.#names.localName = `xml:${this.#names.localName}`
      this.#names.prefix = ''
    }
    at = skipSpace(bytes, at, end)
    if (at >= end) return this.#wait()
    return bytes[at] === equals ? at + 1 : this.#refuse('an attribute without =', at)
  }

  /** The same as `#readValue`, sooner where it is the type of a stanza; and others find it sooner in their tables. */
  #readType(from: number): string | undefined {
    const { bytes, end } = this.#source
    const quote = bytes[from]
    const known = quote === apostrophe || quote === quotes ? typeNames.match(bytes, from + 1, end) : undefined
    const last = from + 1 + (known?.length ?? 0)
    if (known === undefined || bytes[last] !== quote) return this.#readValue(from)
    this.#next = last + 1
    return known
  }

  /** The same as `#readValue`, sooner where it is what came before. */
  #readLikely(likely: LikelyValue, from: number): string | undefined {
    const { bytes, end, limits } = this.#source
    const known = likely.match(bytes, from, end)
    if (known !== undefined && known.length <= limits.valueLength) {
      this.#next = from + known.length + 2
      return known
    }
    const value = this.#readValue(from)
    if (value !== undefined) likely.note(value, bytes, from, this.#next)
    return value
  }

  /** Reads a value in quotes; `#next` is the index behind it. `undefined` if it is not whole, or is wrong. */
  #readValue(from: number): string | undefined {
    const source = this.#source
    const { bytes, end, limits } = source
    const quote = bytes[from]
    if (quote === apostrophe || quote === quotes) {
      const at = skip(valueClasses, bytes, from + 1, end)
      if (at < end && bytes[at] === quote && at - from <= limits.valueLength) {
        this.#next = at + 1
        return source.ascii(from + 1, at)
      }
    }
    return this.#readSpecialValue(skipSpace(bytes, from, end))
  }

  #readSpecialValue(from: number): string | undefined {
    const source = this.#source
    const { bytes, end } = source
    const quote = bytes[from]
    const start = from + 1
    let holds = 0
    let at = skip(valueClasses, bytes, start, end)
    if (from < end && quote !== apostrophe && quote !== quotes)
      at = this.#refuse('a value without quotes', from)
    while (at >= 0 && at < end && bytes[at] !== quote) {
      const special = this.#special(at)
      if (special < 0) return undefined
      holds |= special
      at = special === holdsBeyondAscii ? characterEnd(bytes, at, end) : at + 1
      at = skip(valueClasses, bytes, at, end)
    }
    if (at >= end) this.#wait()
    else if (at - start > source.limits.valueLength)
      source.refuse('policy-violation', 'a value that is too long', start)
    this.#next = at + 1
    return source.fault === undefined && at < end ? decode(source, start, at, holds, ' ') : undefined
  }

  /** What the value holds with the byte at `at`, which is not ordinary; -1 if it may not stand there or goes on. */
  #special(at: number): number {
    const source = this.#source
    switch (valueClasses[source.bytes[at] as number]) {
      case quotation:
        return 0
      case ampersand:
        return holdsReference
      case carriageReturn:
        return holdsReturn
      case lineOrTab:
        return holdsLine
      case lessThan:
        return this.#refuse('a < within a value', at)
      case beyondAscii: {
        const next = characterEnd(source.bytes, at, source.end)
        if (next > 0) return holdsBeyondAscii
        if (next === 0) return this.#wait()
      }
    }
    source.refuseCharacter(at)
    return -1
  }

  #wait(): -1 {
    this.#source.waitForTag()
    return -1
  }

  #refuse(text: string, at: number): -1 {
    this.#source.refuse('not-well-formed', text, at)
    return -1
  }
}
