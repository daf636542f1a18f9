// XEP-0292 §6: which property of vcard-temp is which of vCard4 (RFC 6351), as a table.
import { type Element, element } from '../../xml/element.ts'
import { vcardNamespace } from '../vcard/vcard.ts'

export const vcard4Namespace = 'urn:ietf:params:xml:ns:vcard-4.0'

/** One property in its two forms; `undefined` where there is nothing to say. */
export interface Property {
  /** Its name in vcard-temp. */
  readonly old: string
  /** Its name in vCard4. */
  readonly name: string
  toVcard4(property: Element): Element | undefined
  toOld(property: Element): Element | undefined
}

/** Types of addresses and numbers that both have; others were removed from vCard4 (§6.3). */
const types = ['home', 'work', 'voice', 'fax', 'pager', 'cell', 'video', 'text']

/** All there are; of two with one name the first is what that is turned into. */
export const properties: readonly Property[] = [
  value('FN', 'fn', 'text'),
  parts('N', 'n', [
    ['FAMILY', 'surname'],
    ['GIVEN', 'given'],
    ['MIDDLE', 'additional'],
    ['PREFIX', 'prefix'],
    ['SUFFIX', 'suffix'],
  ]),
  value('NICKNAME', 'nickname', 'text'),
  value('BDAY', 'bday', 'date'),
  parts(
    'ADR',
    'adr',
    [
      ['POBOX', 'pobox'],
      ['EXTADD', 'ext'],
      ['STREET', 'street'],
      ['LOCALITY', 'locality'],
      ['REGION', 'region'],
      ['PCODE', 'code'],
      ['CTRY', 'country'],
    ],
    true,
  ),
  within('TEL', 'tel', 'NUMBER', 'uri', 'tel:'),
  within('EMAIL', 'email', 'USERID', 'text'),
  value('JABBERID', 'impp', 'uri', 'xmpp:'),
  value('TZ', 'tz', 'text'),
  geo(),
  value('TITLE', 'title', 'text'),
  value('ROLE', 'role', 'text'),
  list('ORG', 'org', ['ORGNAME', 'ORGUNIT']),
  list('CATEGORIES', 'categories', ['KEYWORD']),
  value('NOTE', 'note', 'text'),
  value('DESC', 'note', 'text'),
  value('PRODID', 'prodid', 'text'),
  value('REV', 'rev', 'timestamp'),
  value('UID', 'uid', 'text'),
  value('URL', 'url', 'uri'),
  within('KEY', 'key', 'CRED', 'text'),
  media('LOGO', 'logo'),
  media('PHOTO', 'photo'),
]

function value(old: string, name: string, kind: string, prefix = ''): Property {
  return {
    old,
    name,
    toVcard4: ({ text }) => (text === '' ? undefined : vcard4(name, vcard4(kind, withPrefix(text, prefix)))),
    toOld(property) {
      const text = textOfValue(property)
      return text === '' ? undefined : oldElement(old, withoutPrefix(text, prefix))
    },
  }
}

/** A property with the value inside, beside marks of its types. */
function within(old: string, name: string, inside: string, kind: string, prefix = ''): Property {
  return {
    old,
    name,
    toVcard4(property) {
      const text = property.child(inside, vcardNamespace)?.text ?? ''
      // A number is a URI there, in which no space may be.
      const told = prefix === 'tel:' ? text.trim().replaceAll(/\s+/g, '-') : text
      return told === ''
        ? undefined
        : vcard4(name, parametersOf(property), vcard4(kind, withPrefix(told, prefix)))
    },
    toOld(property) {
      const text = textOfValue(property)
      return text === ''
        ? undefined
        : oldElement(old, ...marksOf(property), oldElement(inside, withoutPrefix(text, prefix)))
    },
  }
}

function parts(
  old: string,
  name: string,
  names: readonly (readonly [old: string, name: string])[],
  hasTypes = false,
): Property {
  return {
    old,
    name,
    toVcard4: (property) =>
      vcard4(
        name,
        hasTypes ? parametersOf(property) : undefined,
        ...names.map(([before, after]) => {
          const part = property.child(before, vcardNamespace)
          return part && vcard4(after, part.text)
        }),
      ),
    toOld: (property) =>
      oldElement(
        old,
        ...(hasTypes ? marksOf(property) : []),
        ...names.map(([before, after]) => {
          const part = property.child(after, vcard4Namespace)
          return part && oldElement(before, part.text)
        }),
      ),
  }
}

/** Several texts; the first under the first of the names, the others under the last. */
function list(old: string, name: string, names: readonly string[]): Property {
  return {
    old,
    name,
    toVcard4(property) {
      const texts = property.elements().filter((part) => names.includes(part.name) && part.text !== '')
      return texts.length === 0 ? undefined : vcard4(name, ...texts.map(({ text }) => vcard4('text', text)))
    },
    toOld(property) {
      const texts = property.elements('text')
      return texts.length === 0
        ? undefined
        : oldElement(
            old,
            ...texts.map(({ text }, index) => oldElement(names[index] ?? (names.at(-1) as string), text)),
          )
    },
  }
}

function geo(): Property {
  return {
    old: 'GEO',
    name: 'geo',
    toVcard4(property) {
      const [latitude, longitude] = ['LAT', 'LON'].map((name) => property.child(name, vcardNamespace)?.text)
      return latitude && longitude ? vcard4('geo', vcard4('uri', `geo:${latitude},${longitude}`)) : undefined
    },
    toOld(property) {
      const [, latitude, longitude] = /^geo:([^,;]+),([^,;]+)/.exec(textOfValue(property)) ?? []
      return latitude && longitude
        ? oldElement('GEO', oldElement('LAT', latitude), oldElement('LON', longitude))
        : undefined
    },
  }
}

/** A picture, or where there is one (RFC 2397). The account's own has nodes of its own, and is not put here twice. */
function media(old: string, name: string): Property {
  return {
    old,
    name,
    toVcard4(property) {
      const address = property.child('EXTVAL', vcardNamespace)?.text
      if (address) return vcard4(name, vcard4('uri', address))
      const data = property.child('BINVAL', vcardNamespace)?.text.replaceAll(/\s/g, '')
      if (!data || old === 'PHOTO') return undefined
      const type = property.child('TYPE', vcardNamespace)?.text || 'image/png'
      return vcard4(name, vcard4('uri', `data:${type};base64,${data}`))
    },
    toOld(property) {
      const address = textOfValue(property)
      const [, type, data] = /^data:(image\/[^;,]+);base64,([A-Za-z0-9+/=\s]+)$/.exec(address) ?? []
      if (type && data) {
        return oldElement(old, oldElement('TYPE', type), oldElement('BINVAL', data.replaceAll(/\s/g, '')))
      }
      return /^https?:/.test(address) ? oldElement(old, oldElement('EXTVAL', address)) : undefined
    },
  }
}

function parametersOf(property: Element): Element | undefined {
  const found = types.filter((type) => property.child(type.toUpperCase(), vcardNamespace))
  const isPreferred = property.child('PREF', vcardNamespace) !== undefined
  if (found.length === 0 && !isPreferred) return undefined
  return vcard4(
    'parameters',
    found.length === 0 ? undefined : vcard4('type', ...found.map((type) => vcard4('text', type))),
    isPreferred ? vcard4('pref', vcard4('integer', '1')) : undefined,
  )
}

function marksOf(property: Element): Element[] {
  const parameters = property.child('parameters', vcard4Namespace)
  const given = (parameters?.child('type', vcard4Namespace)?.elements('text') ?? []).map(({ text }) => text)
  const marks = types.filter((type) => given.includes(type)).map((type) => oldElement(type.toUpperCase()))
  if (parameters?.child('pref', vcard4Namespace)) marks.push(oldElement('PREF'))
  return marks
}

/** The text of a property's value, of whatever type that is. */
function textOfValue(property: Element): string {
  const value = property.elements().find(({ name }) => name !== 'parameters')
  return value?.text ?? ''
}

function withPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text : prefix + text
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

function vcard4(name: string, ...children: (Element | string | undefined)[]): Element {
  return element(name, vcard4Namespace, {}, ...children)
}

function oldElement(name: string, ...children: (Element | string | undefined)[]): Element {
  return element(name, vcardNamespace, {}, ...children)
}
