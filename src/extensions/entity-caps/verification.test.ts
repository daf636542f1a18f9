import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { verificationOf } from './verification.ts'

const namespace = 'http://jabber.org/protocol/disco#info'

function query(inside: string) {
  const parsed = parseDocument(`<query xmlns='${namespace}'>${inside}</query>`)
  assert.ok(!('condition' in parsed))
  return parsed
}

const ver = (inside: string, hash = 'sha-1') => verificationOf(query(inside), hash)
const hashOf = (text: string) => createHash('sha1').update(text).digest('base64')
const feature = (name: string) => `<feature var='${name}'/>`
const field = (name: string, values: string[], type = 'text-multi') =>
  `<field var='${name}' type='${type}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`
const form = (...fields: string[]) => `<x xmlns='jabber:x:data' type='result'>${fields.join('')}</x>`
const formType = (...values: string[]) => field('FORM_TYPE', values, 'hidden')

const simple = [
  feature('http://jabber.org/protocol/muc'),
  feature('http://jabber.org/protocol/disco#items'),
  feature('http://jabber.org/protocol/caps'),
  feature('http://jabber.org/protocol/disco#info'),
]
const exodus = `<identity category='client' type='pc' name='Exodus 0.9.1'/>`
const psi = [
  `<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>`,
  `<identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>`,
  ...simple,
  form(
    field('software_version', ['0.11']),
    field('ip_version', ['ipv6', 'ipv4']),
    formType('urn:xmpp:dataforms:softwareinfo'),
    field('os', ['Mac']),
    field('software', ['Psi']),
    field('os_version', ['10.5.1']),
  ),
]

test('XEP-0115 §5.2, §5.3: the examples come out as they should, in whatever order they are written', () => {
  assert.equal(ver(exodus + simple.join('')), 'QgayPKawpkPSDYmwT/WM94uAlu0=')
  assert.equal(ver(psi.join('')), 'q07IKJEyjvHSyhy//CH0CxmKi8w=')
  assert.equal(ver(psi.toReversed().join('')), 'q07IKJEyjvHSyhy//CH0CxmKi8w=')
})

test('XEP-0115 §5.1: the hash is the one that is named', () => {
  assert.equal(ver('', 'sha-256'), '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
  for (const hash of ['md5', 'constructor', '']) assert.equal(ver('', hash), undefined, hash)
})

test('XEP-0115 §5.4: what says a thing twice is ill-formed', () => {
  const a = form(formType('a'), field('x', ['1']))
  const twice = {
    identity: exodus + exodus,
    feature: feature('a') + feature('a'),
    'form type': a + a,
    'two types in one form': form(formType('a', 'b')),
  }
  for (const [name, inside] of Object.entries(twice)) assert.equal(ver(inside), undefined, name)
  assert.ok(ver(form(formType('a', 'a'))), 'the same type twice is one')
})

test('XEP-0115 §5.4: a form that does not say what it is, is passed over', () => {
  const nameless = form(field('os', ['Mac']))
  const shown = form(field('FORM_TYPE', ['a'], 'text-single'))
  assert.equal(ver(feature('a') + nameless + shown), ver(feature('a')))
  assert.notEqual(ver(feature('a') + form(formType('a'))), ver(feature('a')))
})

test('XEP-0115 §5.1: a “<” in a name does not pass for the end of a part', () => {
  assert.notEqual(ver(feature('a&lt;b')), ver(feature('a') + feature('b')))
  assert.notEqual(
    ver(form(formType('t'), field('f', ['a&lt;b']))),
    ver(form(formType('t'), field('f', ['a', 'b']))),
  )
})

test('XEP-0115 §5.1: identities are sorted by category before type, not as they are joined', () => {
  const both = `<identity category='a-b' type='c'/><identity category='a' type='c'/>`
  assert.equal(ver(both), hashOf('a/c//<a-b/c//<'))
})

test('XEP-0115 §5.1: parts are sorted by their octets', () => {
  // In UTF-16 the second comes first.
  assert.equal(ver(feature('\u{ff5e}') + feature('\u{1f600}')), hashOf('\u{ff5e}<\u{1f600}<'))
  assert.equal(ver(feature('\u{1f600}') + feature('\u{ff5e}')), hashOf('\u{ff5e}<\u{1f600}<'))
})

test('whatever an answer holds is hashed or refused, and its order makes no difference', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 })
  const parts = fc.array(
    fc.oneof(
      text.map((name) => element('feature', namespace, { var: name })),
      fc.tuple(text, text).map(([category, type]) => element('identity', namespace, { category, type })),
      fc
        .tuple(text, fc.array(text, { maxLength: 3 }))
        .map(([name, values]) =>
          element(
            'x',
            'jabber:x:data',
            {},
            element(
              'field',
              'jabber:x:data',
              { var: name, type: 'hidden' },
              ...values.map((value) => element('value', 'jabber:x:data', {}, value)),
            ),
          ),
        ),
    ),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(parts, (children) => {
      const forward = verificationOf(element('query', namespace, {}, ...children), 'sha-1')
      const backward = verificationOf(element('query', namespace, {}, ...children.toReversed()), 'sha-1')
      assert.equal(forward, backward)
    }),
    { seed: 115, numRuns: 100 },
  )
})
