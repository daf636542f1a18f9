// Elements to text that is always well-formed and self-contained.
import type { Element, Node } from './element.ts'

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'

/** Escapes text for use between tags. */
export function escapeText(text: string): string {
  return /[&<>\r]/.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
    : text
}

/** Escapes text for use in an attribute in single quotes. */
export function escapeAttribute(text: string): string {
  return /[&<>'\r\n\t]/.test(text)
    ? escapeText(text).replaceAll("'", '&apos;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
    : text
}

/** The text of an element where `outer` is the default namespace in force; with `''` it stands for itself. */
export function serialize(element: Element, outer = ''): string {
  let text = `<${element.name}`
  if (element.namespace !== outer) text += ` xmlns='${escapeAttribute(element.namespace)}'`
  text += serializeAttributes(element.attributes)
  const inside = serializeChildren(element.children, element.namespace)
  return inside === '' ? `${text}/>` : `${text}>${inside}</${element.name}>`
}

/** Attributes as ` name='value'`, each with a space before it; namespaces get prefixes of their own. */
export function serializeAttributes(attributes: readonly string[]): string {
  let text = ''
  for (let index = 0; index < attributes.length; index += 2) {
    const name = attributes[index] as string
    const value = escapeAttribute(attributes[index + 1] as string)
    const end = name.charCodeAt(0) === 123 ? name.indexOf('}') : -1
    if (end < 0) text += ` ${name}='${value}'`
    else if (name.slice(1, end) === xmlNamespace) text += ` xml:${name.slice(end + 1)}='${value}'`
    else
      text += ` xmlns:a${index}='${escapeAttribute(name.slice(1, end))}' a${index}:${name.slice(end + 1)}='${value}'`
  }
  return text
}

/** The text of children where `outer` is the default namespace in force. */
export function serializeChildren(children: readonly Node[], outer: string): string {
  let text = ''
  for (const node of children) text += typeof node === 'string' ? escapeText(node) : serialize(node, outer)
  return text
}
