// XEP-0453: what the project implements, for programs that compare servers.
import { product } from '../src/base/product.ts'
import type { Extension, Xep } from '../src/host/extension.ts'

const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
const doap = 'http://usefulinc.com/ns/doap#'
const xmpp = 'https://linkmauve.fr/ns/xmpp-doap#'

const rfcs: readonly number[] = [6120, 6121, 7590, 7622, 7677]

/** What no extension says of itself: it is part of the streams, the stanzas or the hosts. */
const elsewhere: readonly Xep[] = [
  { number: 4, version: '2.13.2' },
  { number: 59, version: '1.0' },
  { number: 82, version: '1.1.1' },
  { number: 203, version: '2.0' },
  { number: 297, version: '1.0' },
  { number: 334, version: '1.0.0' },
  { number: 368, version: '1.1.0' },
  { number: 453, version: '0.1.2' },
]

/** Every XEP that extensions, and what is beside them, implement, once each and in order. */
export function implementedXeps(extensions: readonly Extension[]): Xep[] {
  const byNumber = new Map<number, Xep>()
  const all = [...extensions.flatMap(({ xep, furtherXeps }) => [xep, ...furtherXeps]), ...elsewhere]
  for (const xep of all) if (xep && !byNumber.has(xep.number)) byNumber.set(xep.number, xep)
  return [...byNumber.values()].sort((one, other) => one.number - other.number)
}

/** The address of a XEP. */
export function addressOf({ number }: Xep): string {
  return `https://xmpp.org/extensions/xep-${String(number).padStart(4, '0')}.html`
}

/** The file `doap.xml`. */
export function doapFile(extensions: readonly Extension[]): string {
  const lines = [
    line('name', {}, product.name),
    line('shortdesc', { 'xml:lang': 'en' }, 'An XMPP server in TypeScript'),
    line('programming-language', {}, 'TypeScript'),
    ...['Linux', 'macOS', 'Windows'].map((name) => line('os', {}, name)),
    line('category', { 'rdf:resource': `${xmpp}category-server` }),
    ...rfcs.map((number) =>
      line('implements', { 'rdf:resource': `https://xmpp.org/rfcs/rfc${number}.html` }),
    ),
    ...implementedXeps(extensions).map(supported),
  ]
  const head = `<rdf:RDF xmlns:rdf='${rdf}' xmlns='${doap}' xmlns:xmpp='${xmpp}'>`
  const note = '<!-- Made by tools/docs.ts: change the sources, then run “npm run docs”. -->'
  return `<?xml version='1.0' encoding='UTF-8'?>\n${note}\n${head}\n<Project>\n${lines.join('\n')}\n</Project>\n</rdf:RDF>\n`
}

function supported(xep: Xep): string {
  const inside = [
    line('xmpp:xep', { 'rdf:resource': addressOf(xep) }),
    line('xmpp:status', {}, xep.isPartial ? 'partial' : 'complete'),
    line('xmpp:version', {}, xep.version),
  ]
  return `  <implements><xmpp:SupportedXep>\n  ${inside.join('\n  ')}\n  </xmpp:SupportedXep></implements>`
}

// What is written here are names and addresses of our own, without anything that would have to be escaped.
function line(name: string, attributes: Readonly<Record<string, string>>, text?: string): string {
  const start = [name, ...Object.entries(attributes).map(([key, value]) => `${key}='${value}'`)].join(' ')
  return text === undefined ? `  <${start}/>` : `  <${start}>${text}</${name}>`
}
