// XEP-0124: BOSH — the `<body/>` around everything, read and written.
import { stanzaNamespace } from '../../stanza/stanza.ts'
import { Element } from '../../xml/element.ts'
import { escapeAttribute } from '../../xml/serialize.ts'
import { parseDocument, type XmlLimits, XmlReader } from '../../xml/xml.ts'

/** More than the start tag of a body has. */
const mostRootBytes = 4096

export const bindingNamespace = 'http://jabber.org/protocol/httpbind'
/** XEP-0206 §2. */
export const xboshNamespace = 'urn:xmpp:xbosh'

/** What a client sends in one request. Numbers that are missing or no numbers are `undefined`. */
export interface RequestBody {
  readonly rid: number
  readonly sid: string | undefined
  readonly type: string | undefined
  readonly isRestart: boolean
  readonly pauseSeconds: number | undefined
  readonly ack: number | undefined
  readonly key: string | undefined
  readonly newKey: string | undefined
  /** What a first request says. */
  readonly to: string | undefined
  readonly from: string | undefined
  readonly lang: string | undefined
  readonly version: string | undefined
  readonly xmppVersion: string | undefined
  readonly waitSeconds: number | undefined
  readonly hold: number | undefined
  readonly content: string | undefined
  readonly payloads: readonly Element[]
}

/** Reads the body of a request; `undefined` if it is none (XEP-0124 §5, §14). */
export function parseBody(bytes: Uint8Array, limits: XmlLimits): RequestBody | undefined {
  const root = parseDocument(bytes, { limits: { ...limits, depth: limits.depth + 1 } })
  if ('condition' in root || root.name !== 'body' || root.namespace !== bindingNamespace) return undefined
  const rid = numberOf(root.attribute('rid'))
  if (rid === undefined) return undefined
  const payloads: Element[] = []
  for (const child of root.children) {
    if (typeof child !== 'string') payloads.push(withStanzaNamespace(child))
    else if (child.trim() !== '') return undefined
  }
  const xmpp = (name: string) => root.attribute(`{${xboshNamespace}}${name}`)
  return {
    rid,
    sid: root.attribute('sid'),
    type: root.attribute('type'),
    isRestart: xmpp('restart') === 'true' || xmpp('restart') === '1',
    pauseSeconds: numberOf(root.attribute('pause')),
    ack: numberOf(root.attribute('ack')),
    key: root.attribute('key'),
    newKey: root.attribute('newkey'),
    to: root.attribute('to'),
    from: root.attribute('from'),
    lang: root.attribute('xml:lang'),
    version: root.attribute('ver'),
    xmppVersion: xmpp('version'),
    waitSeconds: numberOf(root.attribute('wait')),
    hold: numberOf(root.attribute('hold')),
    content: root.attribute('content'),
    payloads,
  }
}

/** The id of the session that a body is for, of which only the beginning has come. */
export function sidIn(beginning: Uint8Array): string | undefined {
  let sid: string | undefined
  const reader = new XmlReader({
    onOpen(root) {
      sid = root.attribute('sid')
      reader.hold()
    },
    onElement() {},
    onClose() {},
  })
  reader.push(beginning.subarray(0, mostRootBytes))
  return sid
}

// XEP-0124 §13: up to 2^53 - 1.
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : undefined
}

/** Old clients leave out the namespace of stanzas, which then have that of the body. */
function withStanzaNamespace(element: Element): Element {
  if (element.namespace !== bindingNamespace) return element
  const children = element.children.map((child) =>
    typeof child === 'string' ? child : withStanzaNamespace(child),
  )
  return new Element(element.name, stanzaNamespace, element.attributes, children)
}

/** Attributes of a response by name; those without a value are left out. */
export type BodyAttributes = Readonly<Record<string, string | number | undefined>>

/** Writes the body of a response around elements that stand for themselves. */
export function writeBody(attributes: BodyAttributes, payloads: readonly Uint8Array[]): Buffer {
  let head = `<body xmlns='${bindingNamespace}'`
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) head += ` ${name}='${escapeAttribute(String(value))}'`
  }
  if (payloads.length === 0) return Buffer.from(`${head}/>`)
  return Buffer.concat([Buffer.from(`${head}>`), ...payloads, bodyEnd])
}

const bodyEnd = Buffer.from('</body>')
