// Valid stanzas, values that have broken other software, and chance: stanzas that nobody has thought of.
import type { Element, Node } from '../src/xml/element.ts'
import { serialize } from '../src/xml/serialize.ts'
import { parseDocument } from '../src/xml/xml.ts'
import type { SeededRandom } from './random.ts'

const muc = 'http://jabber.org/protocol/muc'
const disco = 'http://jabber.org/protocol/disco'
const paging = "<set xmlns='http://jabber.org/protocol/rsm'><max>10</max><after>a</after></set>"
const field = (name: string, value: string) =>
  `<field var='${name}' type='text-single'><value>${value}</value></field>`
const form = `<x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', `${muc}#roomconfig`)}${field(
  'muc#roomconfig_roomsecret',
  'sesame',
)}${field('muc#roomconfig_maxusers', '30')}${field('muc#roomconfig_whois', 'anyone')}${field(
  'muc#roomconfig_roomadmins',
  'nurse@localhost',
)}</x>`

/** Requests that a server answers. */
export const requests: readonly string[] = [
  "<iq type='get'><query xmlns='jabber:iq:roster' ver='1'/></iq>",
  "<iq type='set'><query xmlns='jabber:iq:roster'><item jid='nurse@localhost' name='Nurse'><group>House</group></item></query></iq>",
  "<iq type='set'><query xmlns='jabber:iq:roster'><item jid='nurse@localhost' subscription='remove'/></query></iq>",
  `<iq type='get'><query xmlns='${disco}#info' node='a'/></iq>`,
  `<iq type='get'><query xmlns='${disco}#items' node='a'>${paging}</query></iq>`,
  "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
  "<iq type='get'><query xmlns='jabber:iq:version'/></iq>",
  "<iq type='get'><time xmlns='urn:xmpp:time'/></iq>",
  "<iq type='get'><query xmlns='jabber:iq:last'/></iq>",
  "<iq type='get'><vCard xmlns='vcard-temp'/></iq>",
  "<iq type='set'><vCard xmlns='vcard-temp'><FN>Romeo</FN><PHOTO><TYPE>image/png</TYPE><BINVAL>AAAA</BINVAL></PHOTO></vCard></iq>",
  "<iq type='get'><query xmlns='jabber:iq:register'/></iq>",
  "<iq type='set'><query xmlns='jabber:iq:register'><username>romeo</username><password>another</password></query></iq>",
  `<iq type='get'><query xmlns='${muc}#owner'/></iq>`,
  `<iq type='set'><query xmlns='${muc}#owner'>${form}</query></iq>`,
  `<iq type='set'><query xmlns='${muc}#owner'><destroy jid='b@rooms.localhost'><reason>why</reason></destroy></query></iq>`,
  `<iq type='get'><query xmlns='${muc}#admin'><item affiliation='member'/></query></iq>`,
  `<iq type='set'><query xmlns='${muc}#admin'><item affiliation='member' jid='nurse@localhost' nick='Nurse'><reason>why</reason></item><item role='visitor' nick='juliet'/></query></iq>`,
  "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>b</resource></bind></iq>",
  "<iq type='set'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
]

/** Stanzas that need no answer. */
export const notices: readonly string[] = [
  "<message type='chat'><body>hello</body><thread parent='p'>t</thread></message>",
  "<message type='groupchat'><body>hello</body></message>",
  "<message type='groupchat'><subject>weather</subject></message>",
  "<message type='headline'><body xml:lang='de'>hallo</body></message>",
  "<message type='error'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
  `<message><x xmlns='${muc}#user'><invite to='nurse@localhost'><reason>come</reason></invite><password>p</password></x></message>`,
  `<message><x xmlns='${muc}#user'><decline to='nurse@localhost'><reason>no</reason></decline></x></message>`,
  '<presence><show>away</show><status>out</status><priority>1</priority></presence>',
  `<presence><x xmlns='${muc}'><password>sesame</password><history maxstanzas='3' maxchars='100' seconds='10' since='2026-01-01T00:00:00Z'/></x></presence>`,
  "<presence type='unavailable'><status>gone</status></presence>",
  "<presence type='subscribe'/>",
  "<presence type='probe'/>",
]

/** Where requests go that the server itself answers. */
export const places = [
  undefined,
  'localhost',
  'rooms.localhost',
  'fuzz@rooms.localhost',
  'nowhere@rooms.localhost',
  '__proto__@rooms.localhost',
  'nobody@localhost',
  'constructor@localhost',
  'example.org',
  '@',
  'a@b@c',
  '"><script>@localhost',
  `${'a'.repeat(1024)}@localhost`,
  "' or 1=1 --@localhost",
]

/** Values that have broken other software. */
const nasty = [
  '',
  ' ',
  '0',
  '-1',
  '2147483648',
  '99999999999999999999',
  '1e309',
  'NaN',
  'true',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  "'; DROP TABLE accounts; --",
  '%00',
  '../../../etc/passwd',
  '<&>"\'',
  '\u202egnp.exe',
  '\u{1f469}\u200d\u{1f680}',
  'x'.repeat(1500),
  '@',
  'localhost/',
  '/resource',
  'juliet@localhost',
  'romeo@localhost/raw',
  'xn--a',
  '[::1]',
  '0000-00-00T00:00:00Z',
  '99999-12-31T25:61:61Z',
  'owner',
  'outcast',
  'none',
  'moderator',
  'submit',
  'cancel',
  'remove',
  'both',
  'jabber:client',
  'jabber:x:data',
  `${muc}#user`,
  'http://www.w3.org/XML/1998/namespace',
]

const names = [
  'x',
  'query',
  'item',
  'field',
  'value',
  'destroy',
  'history',
  'set',
  'body',
  'subject',
  '__proto__',
  'reason',
]

/** A stanza with an id and an address, changed inside at random; its name and type stay. */
export function mutate(text: string, id: string, to: string | undefined, random: SeededRandom): string {
  const stanza = parseDocument(text, { namespaces: { '': 'jabber:client' } }) as Element
  let children = stanza.children
  for (let count = 1 + random.below(3); count > 0; count--) children = mutateChildren(children, random)
  return serialize(stanza.with({ attributes: { id, to }, children }), 'jabber:client')
}

function mutateChildren(children: readonly Node[], random: SeededRandom): readonly Node[] {
  const elements = children.filter((child): child is Element => typeof child !== 'string')
  const chosen = random.pick(elements)
  // Mostly deeper: there are more places there.
  if (chosen && chosen.children.length > 0 && random.below(3) > 0) {
    const deeper = chosen.with({ children: mutateChildren(chosen.children, random) })
    return children.map((child) => (child === chosen ? deeper : child))
  }
  switch (random.below(6)) {
    case 0:
      return children.filter((child) => child !== chosen)
    case 1:
      return chosen ? [...children, ...Array(1 + random.below(5)).fill(chosen)] : children
    case 2:
      return [...children, random.pick(nasty)]
    case 3:
      return replace(children, chosen, (element) => element.with({ name: random.pick(names) }))
    case 4:
      return replace(children, chosen, (element) => element.with({ children: [random.pick(nasty)] }))
    default:
      return replace(children, chosen, (element) => withAttribute(element, random))
  }
}

function replace(
  children: readonly Node[],
  chosen: Element | undefined,
  change: (element: Element) => Element,
): readonly Node[] {
  return children.map((child) => (chosen && child === chosen ? change(chosen) : child))
}

function withAttribute(element: Element, random: SeededRandom): Element {
  const present = element.attributes.filter((_, index) => index % 2 === 0)
  const name = random.pick([...present, 'jid', 'type', 'var', '__proto__'])
  return element.with({ attributes: { [name]: random.below(4) === 0 ? undefined : random.pick(nasty) } })
}

/** Bytes with some of them changed, left out, doubled or made up. */
export function garble(text: string, random: SeededRandom): Buffer {
  let bytes = Buffer.from(text)
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(bytes.length)
    const length = random.below(20)
    const made = Buffer.from(Array.from({ length: random.below(8) }, () => random.below(256)))
    const middle = random.below(2) === 0 ? made : bytes.subarray(at, at + length)
    bytes = Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at + random.below(length + 1))])
  }
  return bytes
}
