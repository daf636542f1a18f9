import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerTo } from '../../../test/answer.ts'
import { asked, nodesServer, read, submit } from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { parseDocument } from '../../xml/xml.ts'
import { pep } from '../pep/pep.ts'
import { vcard } from '../vcard/vcard.ts'
import { toOldCard, toVcard4 } from './conversion.ts'
import { properties, vcard4Namespace } from './properties.ts'
import { vcard4 } from './vcard4.ts'

const extensions = [pep, vcard, vcard4]
const node = 'urn:xmpp:vcard4'

const old = (inside: string) => parsed(`<vCard xmlns='vcard-temp'>${inside}</vCard>`)
const newer = (inside: string) => parsed(`<vcard xmlns='${vcard4Namespace}'>${inside}</vcard>`)
const inside = (card: Element) =>
  card.elements().map((child) => serialize(child).replaceAll(/ xmlns='[^']*'/g, ''))

function parsed(text: string): Element {
  const found = parseDocument(text)
  if ('condition' in found) throw new Error(found.text)
  return found
}

// XEP-0292 §7.2 and §7.3, without pictures and keys.
const examples: readonly (readonly [string, string])[] = [
  ['<FN>Peter Saint-Andre</FN>', '<fn><text>Peter Saint-Andre</text></fn>'],
  [
    '<N><FAMILY>Saint-Andre</FAMILY><GIVEN>Peter</GIVEN><MIDDLE/></N>',
    '<n><surname>Saint-Andre</surname><given>Peter</given><additional/></n>',
  ],
  ['<NICKNAME>psa</NICKNAME>', '<nickname><text>psa</text></nickname>'],
  ['<BDAY>1966-08-06</BDAY>', '<bday><date>1966-08-06</date></bday>'],
  [
    '<ADR><WORK/><PREF/><EXTADD>Suite 600</EXTADD><LOCALITY>Denver</LOCALITY><PCODE>80202</PCODE><CTRY>USA</CTRY></ADR>',
    '<adr><parameters><type><text>work</text></type><pref><integer>1</integer></pref></parameters><ext>Suite 600</ext><locality>Denver</locality><code>80202</code><country>USA</country></adr>',
  ],
  [
    '<TEL><CELL/><TEXT/><NUMBER>+1-720-256-6756</NUMBER></TEL>',
    '<tel><parameters><type><text>cell</text><text>text</text></type></parameters><uri>tel:+1-720-256-6756</uri></tel>',
  ],
  ['<EMAIL><USERID>stpeter@jabber.org</USERID></EMAIL>', '<email><text>stpeter@jabber.org</text></email>'],
  ['<JABBERID>stpeter@jabber.org</JABBERID>', '<impp><uri>xmpp:stpeter@jabber.org</uri></impp>'],
  ['<TZ>America/Denver</TZ>', '<tz><text>America/Denver</text></tz>'],
  ['<GEO><LAT>39.59</LAT><LON>-105.01</LON></GEO>', '<geo><uri>geo:39.59,-105.01</uri></geo>'],
  [
    '<ORG><ORGNAME>XSF</ORGNAME><ORGUNIT>Board</ORGUNIT></ORG>',
    '<org><text>XSF</text><text>Board</text></org>',
  ],
  ['<URL>https://stpeter.im/</URL>', '<url><uri>https://stpeter.im/</uri></url>'],
  [
    '<PHOTO><EXTVAL>http://stpeter.im/a.jpg</EXTVAL></PHOTO>',
    '<photo><uri>http://stpeter.im/a.jpg</uri></photo>',
  ],
  [
    '<LOGO><TYPE>image/jpeg</TYPE><BINVAL>/9j/4A==</BINVAL></LOGO>',
    '<logo><uri>data:image/jpeg;base64,/9j/4A==</uri></logo>',
  ],
  ['<KEY><CRED>-----BEGIN</CRED></KEY>', '<key><text>-----BEGIN</text></key>'],
  ['<NOTE>More</NOTE>', '<note><text>More</text></note>'],
]

for (const [before, after] of examples) {
  test(`XEP-0292 §6: ${before}`, () => {
    assert.deepEqual(inside(toVcard4(old(before))), [after])
    assert.deepEqual(inside(toOldCard(newer(after))), [before])
  })
}

test('XEP-0292 §6.1: DESC is a note', () => {
  assert.deepEqual(inside(toVcard4(old('<DESC>More</DESC>'))), ['<note><text>More</text></note>'])
})

test('what only one of the forms can say is kept when the other is replaced', () => {
  const gender = '<gender><sex><text>F</text></sex></gender>'
  assert.deepEqual(inside(toVcard4(old('<FN>J</FN>'), newer(`<fn><text>I</text></fn>${gender}`))), [
    '<fn><text>J</text></fn>',
    gender,
  ])
  const photo = '<PHOTO><TYPE>image/png</TYPE><BINVAL>aGVsbG8=</BINVAL></PHOTO>'
  assert.deepEqual(
    inside(toOldCard(newer('<fn><text>J</text></fn>'), old(`<MAILER>m</MAILER><FN>I</FN>${photo}`))),
    ['<FN>J</FN>', '<MAILER>m</MAILER>', photo],
  )
})

test('a vCard that is not for everybody does not become so', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  const options = submit({ access_model: 'whitelist' }, 'publish-options')
  const item = `<item id='current'><vcard xmlns='${vcard4Namespace}'><fn><text>Secret</text></fn></vcard></item>`
  await asked(
    romeo,
    `<publish node='${node}'>${item}</publish><publish-options>${options}</publish-options>`,
    {
      to: '',
    },
  )
  assert.equal(await request(romeo, `<vCard xmlns='vcard-temp'/>`), '<vCard/>')
  const query = `<vcard xmlns='${vcard4Namespace}'/>`
  assert.match(await request(juliet, query, 'romeo@localhost'), /service-unavailable/)
  assert.match(await request(juliet, query, 'nobody@localhost'), /service-unavailable/)
  assert.match(await request(romeo, query), /Secret/)
})

test('one item is there whichever form was written last', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await request(romeo, `<vCard xmlns='vcard-temp'><FN>One</FN></vCard>`, undefined, 'set')
  assert.equal(await read(romeo, node, '', ''), 'current')
  await request(
    romeo,
    `<vcard xmlns='${vcard4Namespace}'><fn><text>Two</text></fn></vcard>`,
    undefined,
    'set',
  )
  assert.equal(await read(romeo, node, '', ''), 'current')
  assert.equal(await request(romeo, `<vCard xmlns='vcard-temp'/>`), '<vCard><FN>Two</FN></vCard>')
})

async function request(
  client: MemoryClient,
  payload: string,
  to?: string,
  type: 'get' | 'set' = 'get',
): Promise<string> {
  const answer = await answerTo(client, type, payload, to)
  return (answer?.elements() ?? []).map((part) => serialize(part).replaceAll(/ xmlns='[^']*'/g, '')).join('')
}

test('any elements can be converted, there and back', () => {
  const names = [
    ...properties.flatMap(({ old, name }) => [old, name]),
    'text',
    'uri',
    'parameters',
    '__proto__',
    'x',
  ]
  const text = fc.constantFrom('', 'a', 'tel:', 'data:image/png;base64,', 'geo:1,2', 'http:', 'é'.repeat(10))
  const leaf = (namespace: string) =>
    fc.tuple(fc.constantFrom(...names), text).map(([name, inside]) => element(name, namespace, {}, inside))
  const card = (name: string, namespace: string) =>
    fc
      .array(
        fc
          .tuple(fc.constantFrom(...names), fc.array(leaf(namespace), { maxLength: 3 }), text)
          .map(([name, children, inside]) => element(name, namespace, {}, ...children, inside)),
        { maxLength: 5 },
      )
      .map((children) => element(name, namespace, {}, ...children))
  const property = fc.property(card('vCard', 'vcard-temp'), card('vcard', vcard4Namespace), (one, other) => {
    const converted = toVcard4(one, other)
    const back = toOldCard(converted, one)
    // What has gone over once goes over again as it is.
    const once = toOldCard(toVcard4(one))
    assert.equal(serialize(toOldCard(toVcard4(once))), serialize(once))
    assert.equal(converted.namespace, vcard4Namespace)
    assert.equal(back.namespace, 'vcard-temp')
    parsed(serialize(converted))
    parsed(serialize(back))
  })
  fc.assert(property, { seed: 292, numRuns: 300 })
})
