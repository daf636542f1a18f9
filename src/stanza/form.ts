// XEP-0004: Data Forms.
import { type Element, element } from '../xml/element.ts'

export const formNamespace = 'jabber:x:data'

export type FieldType =
  | 'boolean'
  | 'fixed'
  | 'hidden'
  | 'jid-multi'
  | 'jid-single'
  | 'list-multi'
  | 'list-single'
  | 'text-multi'
  | 'text-private'
  | 'text-single'

/** A field of a form that is offered or answered. */
export interface Field {
  readonly var?: string
  readonly type?: FieldType
  readonly label?: string
  readonly values?: readonly string[]
  readonly options?: readonly FieldOption[]
  readonly isRequired?: boolean
  /** What is put into the field besides, such as a XEP-0122 validation. */
  readonly extra?: readonly Element[]
}

export interface FieldOption {
  readonly label?: string
  readonly value: string
}

/** A form that is offered (`form`) or shown (`result`). `formType` becomes the hidden field FORM_TYPE (XEP-0068). */
export interface FormParts {
  readonly type: 'form' | 'result' | 'submit' | 'cancel'
  readonly formType?: string
  readonly title?: string
  readonly instructions?: string
  readonly fields?: readonly Field[]
  /** §3.4: what was found, as a table. */
  readonly table?: FormTable
}

/** Several results of the same kind (XEP-0004 §3.4): each row has a value for each column. */
export interface FormTable {
  readonly columns: readonly Field[]
  readonly rows: readonly (readonly string[])[]
}

/** The `<x xmlns='jabber:x:data'/>` of a form. */
export function form(parts: FormParts): Element {
  const formType = parts.formType
  return element(
    'x',
    formNamespace,
    { type: parts.type },
    parts.title === undefined ? undefined : element('title', formNamespace, {}, parts.title),
    parts.instructions === undefined
      ? undefined
      : element('instructions', formNamespace, {}, parts.instructions),
    formType === undefined
      ? undefined
      : fieldElement({ var: 'FORM_TYPE', type: 'hidden', values: [formType] }),
    ...(parts.fields ?? []).map(fieldElement),
    ...(parts.table ? tableElements(parts.table) : []),
  )
}

function tableElements({ columns, rows }: FormTable): Element[] {
  const items = rows.map((row) =>
    element(
      'item',
      formNamespace,
      {},
      ...columns.map(({ var: name }, index) =>
        fieldElement({ ...(name === undefined ? {} : { var: name }), values: [row[index] ?? ''] }),
      ),
    ),
  )
  return [element('reported', formNamespace, {}, ...columns.map(fieldElement)), ...items]
}

function fieldElement(field: Field): Element {
  return element(
    'field',
    formNamespace,
    { var: field.var, type: field.type, label: field.label },
    ...(field.extra ?? []),
    field.isRequired ? element('required', formNamespace) : undefined,
    ...(field.options ?? []).map((option) =>
      element(
        'option',
        formNamespace,
        { label: option.label },
        element('value', formNamespace, {}, option.value),
      ),
    ),
    ...(field.values ?? []).map((value) => element('value', formNamespace, {}, value)),
  )
}

/** What somebody filled in. */
export interface SubmittedForm {
  readonly type: string
  readonly formType: string | undefined
  /** Values by the field's `var`; a field without `<value/>` has an empty list. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** Reads `<x xmlns='jabber:x:data'/>`. A `var` given twice keeps its first values. */
export function parseForm(x: Element): SubmittedForm {
  const values = new Map<string, readonly string[]>()
  for (const field of x.elements('field', formNamespace)) {
    const name = field.attribute('var')
    if (name === undefined || values.has(name)) continue
    values.set(
      name,
      field.elements('value', formNamespace).map((value) => value.text),
    )
  }
  const formType = values.get('FORM_TYPE')?.[0]
  values.delete('FORM_TYPE')
  return { type: x.attribute('type') ?? 'submit', formType, values }
}

/** The form inside an element or a stanza, if there is one. */
export function formIn(parent: Pick<Element, 'child'> | undefined): SubmittedForm | undefined {
  const x = parent?.child('x', formNamespace)
  return x && parseForm(x)
}

/** A boolean field's value (XEP-0004 §3.3): `1`, `true`, `0` or `false`; `undefined` if it is none of them. */
export function parseBoolean(text: string): boolean | undefined {
  if (text === '1' || text === 'true') return true
  if (text === '0' || text === 'false') return false
  return undefined
}
