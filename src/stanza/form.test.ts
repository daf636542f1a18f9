import assert from 'node:assert/strict'
import { test } from 'node:test'
import { element } from '../xml/element.ts'
import { serialize } from '../xml/serialize.ts'
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

test('XEP-0004 §3.4: several results are a table, in which a row may lack values', () => {
  const made = form({
    type: 'result',
    table: {
      columns: [{ var: 'name', label: 'Name' }, { var: 'place' }],
      rows: [['Juliet', 'Verona'], ['Romeo']],
    },
  })
  assert.equal(
    serialize(made),
    `<x xmlns='jabber:x:data' type='result'>` +
      `<reported><field var='name' label='Name'/><field var='place'/></reported>` +
      `<item><field var='name'><value>Juliet</value></field><field var='place'><value>Verona</value></field></item>` +
      `<item><field var='name'><value>Romeo</value></field><field var='place'><value/></field></item></x>`,
  )
})
