// Kinds of settings that only nodes have: numbers of items.
import { validateNamespace } from '../../../stanza/namespaces.ts'
import { element } from '../../../xml/element.ts'
import type { SettingKind } from './setting.ts'

/** A whole number; empty or 0 is no limit of the node's own. */
export function count(): SettingKind<number> {
  return {
    type: 'text-single',
    standard: 0,
    parse(values) {
      const value = values[0] ?? ''
      if (values.length > 1 || !/^\d{0,9}$/.test(value)) return undefined
      return Number(value)
    },
    format: (value) => (value === 0 ? [] : [String(value)]),
  }
}

/** How many items a node has: from 1 to what the service allows, or `max` for just that (XEP-0060 §16.5.4). */
export function itemCount(standard: number): SettingKind<number | 'max'> {
  return {
    type: 'text-single',
    standard,
    parse([value = '', ...more], { maxItems }) {
      if (more.length > 0) return undefined
      if (value === 'max') return 'max'
      return /^\d{1,9}$/.test(value) && Number(value) >= 1 && Number(value) <= maxItems
        ? Number(value)
        : undefined
    },
    format: (value) => [String(value)],
    extra: ({ maxItems }) => [validation(maxItems)],
  }
}

function validation(maxItems: number) {
  const range = element('range', validateNamespace, { min: '1', max: String(maxItems) })
  return element('validate', validateNamespace, { datatype: 'pubsub:integer-or-max' }, range)
}
