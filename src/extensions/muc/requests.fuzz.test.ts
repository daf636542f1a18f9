import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inside, romeoInside, room, roomServer, say, told } from '../../../test/rooms.ts'
import { type Log, silentLog } from '../../base/log.ts'
import { escapeAttribute, escapeText } from '../../xml/serialize.ts'

const namespace = 'http://jabber.org/protocol/muc'

/** Words that mean something to some part of a program, and others that mean nothing to any. */
const word = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'null', 'undefined'),
  fc.constantFrom('NaN', '-1', '1e999', '0x10', '99999999999999999999', '٣', '1', '0', 'true', ''),
  fc.constantFrom('owner', 'admin', 'member', 'none', 'outcast', 'moderator', 'participant', 'visitor'),
  fc.constantFrom('romeo@localhost', 'juliet@localhost/home', 'localhost', '@', 'a@b@c', 'x'.repeat(2000)),
  fc.constantFrom("'; DROP TABLE rooms; --", '../../etc/passwd', '\u202e', '👩‍👩‍👧', '%00'),
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => !/[\p{C}\uFFFE\uFFFF]/u.test(text)),
)
const attributes = fc.dictionary(
  fc.constantFrom('affiliation', 'role', 'nick', 'jid', 'node', 'type', 'var', 'to', 'code'),
  word,
  { maxKeys: 3 },
)
const childName = fc.constantFrom(
  'item',
  'destroy',
  'reason',
  'remove',
  'x',
  'field',
  'value',
  'set',
  'username',
)

/** An element of any of these names in a namespace, with others inside. */
function element(inNamespace: string, depth: number): fc.Arbitrary<string> {
  const content =
    depth === 0 ? word.map(escapeText) : fc.array(element(inNamespace, depth - 1), { maxLength: 3 })
  return fc.tuple(childName, attributes, content).map(([name, given, inner]) => {
    const list = Object.entries(given).map(([key, value]) => ` ${key}='${escapeAttribute(value)}'`)
    return `<${name}${list.join('')}>${typeof inner === 'string' ? inner : inner.join('')}</${name}>`
  })
}

const form = fc
  .array(fc.tuple(word, fc.array(word, { maxLength: 3 })), { maxLength: 4 })
  .map((fields) =>
    fields.map(
      ([name, values]) =>
        `<field var='${escapeAttribute(name)}'>${values.map((value) => `<value>${escapeText(value)}</value>`).join('')}</field>`,
    ),
  )
const knownForm = fc.tuple(
  fc.constantFrom('roomconfig_maxusers', 'roomconfig_whois', 'roomconfig_lang', 'register_roomnick'),
  word,
  form,
)
const formIn = (inNamespace: string) =>
  knownForm.map(
    ([name, value, fields]) =>
      `<query xmlns='${inNamespace}'><x xmlns='jabber:x:data' type='submit'>` +
      `<field var='muc#${name}'><value>${escapeText(value)}</value></field>${fields.join('')}</x></query>`,
  )

const payload = fc.oneof(
  ...[`${namespace}#admin`, `${namespace}#owner`, 'jabber:iq:register', 'urn:example:other'].map((name) =>
    element(name, 2).map((inner) => `<query xmlns='${name}'>${inner}</query>`),
  ),
  formIn(`${namespace}#owner`),
  formIn('jabber:iq:register'),
  fc
    .tuple(fc.constantFrom('info', 'items'), word)
    .map(
      ([name, node]) =>
        `<query xmlns='http://jabber.org/protocol/disco#${name}' node='${escapeAttribute(node)}'/>`,
    ),
)

const history = fc
  .dictionary(fc.constantFrom('maxstanzas', 'maxchars', 'seconds', 'since'), word, { minKeys: 1 })
  .map((given) => Object.entries(given).map(([key, value]) => ` ${key}='${escapeAttribute(value)}'`))

test('XEP-0045 §17.4: whatever is asked of a room is answered once, and the room goes on', async () => {
  const faults: unknown[] = []
  const log: Log = { ...silentLog, error: (event, data) => faults.push([event, data]), child: () => log }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.constantFrom('get', 'set'), payload), {
        minLength: 5,
        maxLength: 20,
      }),
      fc.array(history, { maxLength: 4 }),
      async (requests, histories) => {
        await using local = await roomServer({ log })
        const romeo = await romeoInside(local)
        const juliet = await inside(local, 'juliet')
        await say(romeo, 'But soft')
        for (const [isOwners, type, query] of requests) {
          const client = isOwners ? romeo : juliet
          told(client)
          await client.send(`<iq to='${room}' type='${type}' id='f'>${query}</iq>`)
          const answers = client.takeAll().filter((stanza) => stanza.name === 'iq')
          assert.equal(answers.length, 1, query)
          const condition = answers[0]?.child('error')?.elements()[0]?.name
          assert.notEqual(condition, 'internal-server-error')
        }
        for (const limits of histories) {
          await juliet.send(
            `<presence to='${room}/juliet'><x xmlns='${namespace}'><history${limits.join('')}/></x></presence>`,
          )
        }
        assert.deepEqual(faults, [])
        await say(romeo, 'It speaks')
        await romeo.send(`<presence to='${room}/romeo' type='probe'/>`)
        assert.ok(told(romeo).length > 0, 'there is an answer, whatever became of the room')
      },
    ),
    { seed: 450_045, numRuns: 80 },
  )
})
