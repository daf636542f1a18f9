// Elements to text that is always well-formed and self-contained.
import type { Element, Node } from './element.ts'

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const leftBrace = 123

// All but what stands for itself: without & < > and CR, in values without ' LF and tab too, and without what XML
// (§2.2) does not allow, not even as a reference, which gives way to U+FFFD. Surrogates are looked at again: one by
// itself is none of XML's characters.
const unusualInText = /[^\t\n -%'-;=?-\ud7ff\ue000-\ufffd]/
const unusualInValue = /[^ -%(-;=?-\ud7ff\ue000-\ufffd]/
const allUnusual = /[^ -%(-;=?-\ufffd]/g
const replacement = '\ufffd'
const escapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ["'", '&apos;'],
  ['\r', '&#13;'],
  ['\n', '&#10;'],
  ['\t', '&#9;'],
])
const plainInText: ReadonlySet<string> = new Set(["'", '\n', '\t'])

/** Escapes text for use between tags. What XML does not allow becomes U+FFFD, here and in all of this file. */
export function escapeText(text: string): string {
  if (!unusualInText.test(text)) return text
  return text
    .toWellFormed()
    .replace(allUnusual, (found) => (plainInText.has(found) ? found : (escapes.get(found) ?? replacement)))
}

/** Escapes text for use in an attribute in single quotes. */
export function escapeAttribute(text: string): string {
  if (!unusualInValue.test(text)) return text
  return text.toWellFormed().replace(allUnusual, (found) => escapes.get(found) ?? replacement)
}

/** The text of an element where `outer` is the default namespace in force; with `''` it stands for itself. */
export function serialize(element: Element, outer = ''): string {
  const { namespace, attributes, children } = element
  // Namespaces in XML §3: this one has its own prefix, and can be no default.
  const isXml = namespace === xmlNamespace
  const name = isXml ? `xml:${element.name}` : element.name
  const inner = isXml ? outer : namespace
  let head = inner === outer ? `<${name}` : `<${name} xmlns='${escapeAttribute(inner)}'`
  if (attributes.length > 0) head += serializeAttributes(attributes)
  return children.length === 0 ? `${head}/>` : `${head}>${serializeChildren(children, inner)}</${name}>`
}

/** Attributes as ` name='value'`, each with a space before it; namespaces get prefixes of their own. */
export function serializeAttributes(attributes: readonly string[]): string {
  let text = ''
  for (let index = 0; index < attributes.length; index += 2) {
    const name = attributes[index] as string
    const value = escapeAttribute(attributes[index + 1] as string)
    text +=
      name.charCodeAt(0) === leftBrace ? serializePrefixed(name, value, `a${index}`) : ` ${name}='${value}'`
  }
  return text
}

function serializePrefixed(name: string, value: string, prefix: string): string {
  const end = name.indexOf('}')
  const namespace = name.slice(1, end)
  const localName = name.slice(end + 1)
  return namespace === xmlNamespace
    ? ` xml:${localName}='${value}'`
    : ` xmlns:${prefix}='${escapeAttribute(namespace)}' ${prefix}:${localName}='${value}'`
}

/** The text of children where `outer` is the default namespace in force. */
export function serializeChildren(children: readonly Node[], outer: string): string {
  let text = ''
  for (let index = 0; index < children.length; index += 1) {
    const node = children[index] as Node
    text += typeof node === 'string' ? escapeText(node) : serialize(node, outer)
  }
  return text
}
