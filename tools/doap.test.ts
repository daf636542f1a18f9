import assert from 'node:assert/strict'
import { test } from 'node:test'
import { archive } from '../src/extensions/archive/archive.ts'
import { ping } from '../src/extensions/ping/ping.ts'
import { roster } from '../src/extensions/roster/roster.ts'
import type { Extension } from '../src/host/extension.ts'
import type { Element } from '../src/xml/element.ts'
import { parseDocument } from '../src/xml/xml.ts'
import { doapFile, implementedXeps } from './doap.ts'

const doap = 'http://usefulinc.com/ns/doap#'
const xmpp = 'https://linkmauve.fr/ns/xmpp-doap#'

function projectOf(text: string): Element {
  const file = parseDocument(text.replace(/^<\?xml.*\n<!--.*\n/, ''))
  assert.ok(!('condition' in file), JSON.stringify(file))
  return file.child('Project', doap) as Element
}

test('XEP-0453 §4.2: each XEP stands there with its address, its status and its version', () => {
  const project = projectOf(doapFile([{ ...ping, xep: { number: 199, version: '2.0.1', isPartial: true } }]))
  const supported = project
    .elements('implements', doap)
    .map((implemented) => implemented.child('SupportedXep', xmpp))
  const facts = supported.map((xep) => [
    xep?.child('xep', xmpp)?.attributes.at(-1),
    xep?.child('status', xmpp)?.text,
    xep?.child('version', xmpp)?.text,
  ])
  assert.deepEqual(
    facts.filter(([address]) => String(address).includes('0199')),
    [['https://xmpp.org/extensions/xep-0199.html', 'partial', '2.0.1']],
  )
})

test('what several extensions implement stands there once, in order, with what comes along', () => {
  const numbers = implementedXeps([archive, roster, ping, ping] as Extension[]).map(({ number }) => number)
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((one, other) => one - other),
  )
  for (const number of [199, 313, 359, 431, 441]) assert.ok(numbers.includes(number), String(number))
})
