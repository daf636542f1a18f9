// XEP-0292 §6: a vCard in its older form and in its newer one. No I/O.
import { type Element, element } from '../../xml/element.ts'
import { vcardNamespace } from '../vcard/vcard.ts'
import { properties, vcard4Namespace } from './properties.ts'

const byOldName = new Map(properties.map((property) => [property.old, property]))
// Of two with one name the first.
const byName = new Map(properties.toReversed().map((property) => [property.name, property]))

/** A vCard4 that says what a vcard-temp says, and what only the vCard4 `before` it could say. */
export function toVcard4(card: Element, before?: Element): Element {
  const said = card.elements().map((property) => byOldName.get(property.name)?.toVcard4(property))
  // Nothing makes a photo of the one in the older form, if its bytes are there.
  const hasPhoto = said.some((property) => property?.name === 'photo')
  const kept = (before?.elements() ?? []).filter(
    ({ name }) => !byName.has(name) || (name === 'photo' && !hasPhoto),
  )
  return element('vcard', vcard4Namespace, {}, ...said, ...kept)
}

/** A vcard-temp that says what a vCard4 says, and what only the vcard-temp `before` it could say. */
export function toOldCard(card: Element, before?: Element): Element {
  const said = card.elements().map((property) => byName.get(property.name)?.toOld(property))
  const hasPhoto = said.some((property) => property?.name === 'PHOTO')
  const kept = (before?.elements() ?? []).filter(
    ({ name }) => !byOldName.has(name) || (name === 'PHOTO' && !hasPhoto),
  )
  return element('vCard', vcardNamespace, {}, ...said, ...kept)
}
