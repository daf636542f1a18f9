// RFC 6120 §8: message, presence and iq as values. Parsed once, immutable from there on.
import { inOnePiece } from '../base/one-piece.ts'
import type { Receipts } from '../base/receipts.ts'
import type { Jid } from '../jid/jid.ts'
import { Element, type Node } from '../xml/element.ts'
import { escapeAttribute, serialize, serializeAttributes, serializeChildren } from '../xml/serialize.ts'

/** The namespace in which stanzas are held inside the server, whatever stream they came from. */
export const stanzaNamespace = 'jabber:client'

export type MessageType = 'chat' | 'error' | 'groupchat' | 'headline' | 'normal'
export type PresenceType =
  | 'available'
  | 'error'
  | 'probe'
  | 'subscribe'
  | 'subscribed'
  | 'unavailable'
  | 'unsubscribe'
  | 'unsubscribed'
export type IqType = 'error' | 'get' | 'result' | 'set'

/** What a stanza is made of, apart from its kind and type. */
export interface StanzaParts {
  readonly from: Jid
  /** Absent: for the sender's own account or server. */
  readonly to?: Jid | undefined
  readonly id?: string | undefined
  /** `xml:lang`. */
  readonly lang?: string | undefined
  /** Other attributes, as in `Element`. */
  readonly attributes?: readonly string[]
  readonly children?: readonly Node[]
  /** Where whoever has to keep the stanza says so, before its sender is told that it has been dealt with. */
  readonly receipts?: Receipts | undefined
  /** What it is sent on as; it says the same as the other parts, and names its `to`. */
  readonly written?: Written | undefined
}

/** A stanza as its sender wrote it: the beginning of its start tag, which is ours, and their bytes behind that. */
export interface Written {
  readonly head: string
  readonly tail: Buffer
}

/** Bytes behind the `to`, shared by all copies that differ in nothing else. */
interface Rest {
  bytes: Buffer | undefined
}

abstract class StanzaBase<Type extends string> {
  // `declare`, as fields would be written twice, and there is one of these for all that comes.
  declare readonly from: Jid
  declare readonly to: Jid | undefined
  declare readonly id: string | undefined
  declare readonly type: Type
  declare readonly lang: string | undefined
  declare readonly attributes: readonly string[]
  declare readonly children: readonly Node[]
  declare readonly receipts: Receipts | undefined
  #rest: Rest | undefined
  readonly #written: Written | undefined

  constructor(type: Type, parts: StanzaParts) {
    this.type = type
    this.from = parts.from
    this.to = parts.to
    this.id = parts.id
    this.lang = parts.lang
    this.attributes = parts.attributes ?? []
    this.children = parts.children ?? []
    this.receipts = parts.receipts
    this.#written = parts.written
  }

  /** The first child of that name and namespace. */
  child(name: string, namespace: string = stanzaNamespace): Element | undefined {
    const { children } = this
    for (let index = 0; index < children.length; index += 1) {
      const node = children[index] as Node
      if (typeof node !== 'string' && node.name === name && node.namespace === namespace) return node
    }
    return undefined
  }

  /** All child elements. */
  elements(): Element[] {
    return this.children.filter((node) => typeof node !== 'string')
  }

  /** The first child element, which in a request is the payload. */
  get payload(): Element | undefined {
    const { children } = this
    for (let index = 0; index < children.length; index += 1) {
      const node = children[index] as Node
      if (typeof node !== 'string') return node
    }
    return undefined
  }

  /** The stanza's start up to and with its `to`, or what comes in its place: `<message to='…'`. What follows is `rest`. */
  head(): string {
    if (this.#written) return this.#written.head
    return this.to ? `<${this.name} to='${escapeAttribute(this.to.toString())}'` : `<${this.name}`
  }

  /** Everything behind `head()`. Made once for all copies that differ only in `to`. */
  rest(): Buffer {
    if (this.#written) return this.#written.tail
    const shared = this.#shared
    shared.bytes ??= Buffer.from(this.#serializeRest())
    return shared.bytes
  }

  /** Whether `rest` is there already, or will be asked for by others: if not, one who writes it alone does well to write text. */
  get isInBytes(): boolean {
    return this.#written !== undefined || this.#rest !== undefined
  }

  /** The stanza as text, for a stream whose default namespace is `jabber:client`. */
  toString(): string {
    return this.head() + (this.isInBytes ? this.rest().toString() : this.#serializeRest())
  }

  /** The stanza as an element, for keeping or forwarding it. */
  toElement(): Element {
    return new Element(this.name, stanzaNamespace, this.#allAttributes(), this.children)
  }

  abstract get name(): string
  /** The value of the `type` attribute, or `undefined` where it is left out. */
  abstract get typeAttribute(): string | undefined

  protected shareRest<S extends StanzaBase<Type>>(copy: S): S {
    copy.#rest = this.#shared
    return copy
  }

  /** As what it is sent on with one child more; `undefined` if it is not sent on as it came, or nothing can be put into that. */
  protected writtenWith(child: Element): Written | undefined {
    if (!this.#written) return undefined
    const { head, tail } = this.#written
    const end = `</${this.name}>`
    const length = tail.length - end.length
    if (length < 0 || tail.toString('latin1', length) !== end) return undefined
    return {
      head,
      tail: Buffer.concat([tail.subarray(0, length), Buffer.from(serialize(child, stanzaNamespace) + end)]),
    }
  }

  get #shared(): Rest {
    this.#rest ??= { bytes: undefined }
    return this.#rest
  }

  #allAttributes(): string[] {
    const list: string[] = ['from', this.from.toString()]
    if (this.to) list.push('to', this.to.toString())
    if (this.typeAttribute !== undefined) list.push('type', this.typeAttribute)
    if (this.id !== undefined) list.push('id', this.id)
    if (this.lang !== undefined) list.push('xml:lang', this.lang)
    list.push(...this.attributes)
    return list
  }

  #serializeRest(): string {
    const type = this.typeAttribute
    let text = ` from='${escapeAttribute(this.from.toString())}'`
    if (type !== undefined) text += ` type='${type}'`
    if (this.id !== undefined) text += ` id='${escapeAttribute(this.id)}'`
    if (this.lang !== undefined) text += ` xml:lang='${escapeAttribute(this.lang)}'`
    if (this.attributes.length > 0) text += serializeAttributes(this.attributes)
    const inside = serializeChildren(this.children, stanzaNamespace)
    return inside === '' ? `${text}/>` : `${text}>${inside}</${this.name}>`
  }
}

/** What `with` may change; a key that is given as `undefined` removes. */
export type StanzaChanges<Type extends string> = Partial<StanzaParts> & { readonly type?: Type }

/** RFC 6121 §5. */
export class Message extends StanzaBase<MessageType> {
  get kind(): 'message' {
    return 'message'
  }

  get name(): string {
    return 'message'
  }

  get typeAttribute(): string | undefined {
    return this.type === 'normal' ? undefined : this.type
  }

  /** A changed copy. */
  with(changes: StanzaChanges<MessageType>): Message {
    const copy = new Message(changes.type ?? this.type, merge(this, changes))
    return changesOnlyTo(changes) ? this.shareRest(copy) : copy
  }

  /** A copy with one child more, behind the others; what is sent on in its sender's bytes still is. */
  withLast(child: Element): Message {
    const parts = merge(this, { children: [...this.children, child] })
    return new Message(this.type, { ...parts, written: this.writtenWith(child) })
  }
}

/** RFC 6121 §4. */
export class Presence extends StanzaBase<PresenceType> {
  get kind(): 'presence' {
    return 'presence'
  }

  get name(): string {
    return 'presence'
  }

  get typeAttribute(): string | undefined {
    return this.type === 'available' ? undefined : this.type
  }

  /** A changed copy. */
  with(changes: StanzaChanges<PresenceType>): Presence {
    const copy = new Presence(changes.type ?? this.type, merge(this, changes))
    return changesOnlyTo(changes) ? this.shareRest(copy) : copy
  }
}

/** RFC 6120 §8.2.3. */
export class Iq extends StanzaBase<IqType> {
  get kind(): 'iq' {
    return 'iq'
  }

  get name(): string {
    return 'iq'
  }

  get typeAttribute(): string {
    return this.type
  }

  get isRequest(): boolean {
    return this.type === 'get' || this.type === 'set'
  }

  /** Whether it is a result of which `resultStart` says all but the id and what is inside. */
  get isPlainResult(): boolean {
    return this.type === 'result' && this.lang === undefined && this.attributes.length === 0
  }

  /** Such a result as text, which begins with the `resultStart` of its addresses. */
  resultText(start: string): string {
    const inside = serializeChildren(this.children, stanzaNamespace)
    const opened = start + escapeAttribute(this.id ?? '')
    return inside === '' ? `${opened}'/>` : `${opened}'>${inside}</iq>`
  }

  /** A changed copy. */
  with(changes: StanzaChanges<IqType>): Iq {
    const copy = new Iq(changes.type ?? this.type, merge(this, changes))
    return changesOnlyTo(changes) ? this.shareRest(copy) : copy
  }
}

/** How results of one address to another begin, up to their ids. */
export function resultStart(from: Jid, to: Jid): string {
  const addresses = `to='${escapeAttribute(to.toString())}' from='${escapeAttribute(from.toString())}'`
  return inOnePiece(`<iq ${addresses} type='result' id='`)
}

/** Told apart by `kind`. */
export type Stanza = Message | Presence | Iq

function changesOnlyTo(changes: object): boolean {
  for (const key in changes) if (key !== 'to') return false
  return true
}

function merge(stanza: Stanza, changes: Partial<StanzaParts>): StanzaParts {
  return {
    from: changes.from ?? stanza.from,
    to: 'to' in changes ? changes.to : stanza.to,
    id: 'id' in changes ? changes.id : stanza.id,
    lang: 'lang' in changes ? changes.lang : stanza.lang,
    attributes: changes.attributes ?? stanza.attributes,
    children: changes.children ?? stanza.children,
    receipts: stanza.receipts,
  }
}
