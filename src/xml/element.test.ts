// Elements as values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Element, element } from './element.ts'

const message = element(
  'message',
  'jabber:client',
  { to: 'a@b', id: undefined, 'xml:lang': 'en' },
  'before',
  element('body', 'jabber:client', {}, 'hi'),
  undefined,
  element('x', 'urn:x'),
  element('body', 'jabber:client', { 'xml:lang': 'de' }, 'hallo'),
  '',
  'after',
)

test('absent attributes and children, and empty text, are left out', () => {
  assert.deepEqual(message.attributes, ['to', 'a@b', 'xml:lang', 'en'])
  assert.equal(message.children.length, 5)
})

test('children are found by name, in the own namespace unless another is given', () => {
  assert.equal(message.child('body')?.text, 'hi')
  assert.equal(message.child('x'), undefined)
  assert.ok(message.child('x', 'urn:x')?.is('x', 'urn:x'))
  assert.deepEqual(
    message.elements('body').map(({ text }) => text),
    ['hi', 'hallo'],
  )
  assert.equal(message.elements().length, 3)
})

test('text is what stands directly inside, in one', () => {
  assert.equal(message.text, 'beforeafter')
  assert.equal(element('a', '').text, '')
})

test('with makes a changed copy and leaves the original as it was', () => {
  const changed = message.with({
    name: 'presence',
    attributes: { to: undefined, from: 'c@d', 'xml:lang': 'fr' },
    children: [],
  })
  assert.equal(changed.name, 'presence')
  assert.equal(changed.namespace, 'jabber:client')
  assert.deepEqual(changed.attributes, ['from', 'c@d', 'xml:lang', 'fr'])
  assert.deepEqual(changed.children, [])
  assert.equal(message.attribute('to'), 'a@b')
  assert.equal(message.with({}).children, message.children)
})

test('names of the prototype are attributes only where they were given', () => {
  assert.equal(message.attribute('constructor'), undefined)
  assert.equal(message.attribute('__proto__'), undefined)
  assert.equal(element('a', '', { ['__proto__']: '1' }).attribute('__proto__'), '1')
})

test('XML §2.3, Namespaces §4: what is no name is refused where an element is built', () => {
  for (const name of ['', 'a b', '1', 'a:b', '-a', 'a>', 'a\u0000'])
    assert.throws(() => element(name, ''), TypeError, JSON.stringify(name))
  for (const name of [
    '',
    'a b',
    'xmlns',
    'xmlns:a',
    'p:a',
    '{u}',
    '{}a',
    '{u}a:b',
    '{http://www.w3.org/2000/xmlns/}a',
    '{http://www.w3.org/XML/1998/namespace}lang',
  ])
    assert.throws(() => element('a', '', { [name]: '' }), TypeError, JSON.stringify(name))
  assert.throws(() => message.with({ name: 'a b' }), TypeError)
  assert.throws(() => message.with({ attributes: { 'a b': '' } }), TypeError)
  assert.ok(element('é.1', '', { 'xml:é': '', '{a b}c': '' }) instanceof Element)
})
