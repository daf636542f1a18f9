import assert from 'node:assert/strict'
import { test } from 'node:test'
import { element } from '../xml/element.ts'
import { form, parseBoolean, parseForm } from './form.ts'

test('XEP-0004 §3: a form that is offered can be read back', () => {
  const read = parseForm(
    form({
      type: 'submit',
      formType: 'urn:example',
      fields: [
        { var: 'one', type: 'text-single', values: ['1'] },
        { var: 'many', type: 'list-multi', values: ['a', 'b'] },
        { var: 'none', type: 'text-single' },
      ],
    }),
  )
  assert.equal(read.type, 'submit')
  assert.equal(read.formType, 'urn:example')
  assert.deepEqual(
    [...read.values],
    [
      ['one', ['1']],
      ['many', ['a', 'b']],
      ['none', []],
    ],
  )
})

test('a field that is given twice keeps its first values, and strange names do no harm', () => {
  const field = (name: string, value: string) =>
    element('field', 'jabber:x:data', { var: name }, element('value', 'jabber:x:data', {}, value))
  const read = parseForm(
    element(
      'x',
      'jabber:x:data',
      {},
      field('a', '1'),
      field('a', '2'),
      field('__proto__', 'p'),
      field('constructor', 'c'),
    ),
  )
  assert.equal(read.type, 'submit')
  assert.deepEqual(
    [...read.values],
    [
      ['a', ['1']],
      ['__proto__', ['p']],
      ['constructor', ['c']],
    ],
  )
})

test('XEP-0004 §3.3: booleans', () => {
  const cases = {
    '1': true,
    true: true,
    '0': false,
    false: false,
    yes: undefined,
    '': undefined,
    TRUE: undefined,
  }
  for (const [text, value] of Object.entries(cases)) assert.equal(parseBoolean(text), value, text)
})
