import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../test/archive.ts'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { archive } from './archive.ts'

const start = (options: object = {}, storage = sqlite(':memory:')): Promise<InMemory> =>
  inMemoryServer({ extensions: [archive], options: { archive: options }, storage })

/** Preferences in one line, or the condition of the error. */
async function prefs(
  client: MemoryClient,
  type: 'get' | 'set',
  attributes = '',
  inside = '',
): Promise<string> {
  client.takeAll()
  await client.send(
    `<iq type='${type}' id='p'><prefs xmlns='urn:xmpp:mam:2' ${attributes}>${inside}</prefs></iq>`,
  )
  const [answer] = client.takeAll()
  const found = answer?.child('prefs', 'urn:xmpp:mam:2')
  if (!found) return answer?.child('error')?.elements()[0]?.name ?? ''
  const list = (name: string) =>
    found
      .child(name)
      ?.elements('jid')
      .map((jid) => jid.text)
      .join(' ')
  return `${found.attribute('default')} always: ${list('always')} never: ${list('never')}`
}

const list = (name: string, ...addresses: string[]) =>
  `<${name}>${addresses.map((address) => `<jid>${address}</jid>`).join('')}</${name}>`

test('XEP-0441 §2.1: preferences are the server’s until an account says its own, which are prepared and kept', async () => {
  const storage = sqlite(':memory:')
  await using local = await start({ policy: 'roster' }, storage)
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.equal(await prefs(romeo, 'get'), 'roster always:  never: ')
  const inside =
    list('always', 'JULIET@Localhost', ' nurse@localhost/Hall ') + list('never', 'Paris@localhost')
  const expected = 'never always: juliet@localhost nurse@localhost/Hall never: paris@localhost'
  assert.equal(await prefs(romeo, 'set', `default='never'`, inside), expected)
  assert.equal(await prefs(romeo, 'get'), expected)
  assert.equal(await prefs(romeo, 'set', `default='always'`), 'always always:  never: ')
  assert.deepEqual(await storage.keyValue('localhost/archive-preferences').get('romeo'), {
    policy: 'always',
    always: [],
    never: [],
  })
})

test('preferences outlive a restart', async () => {
  const storage = sqlite(':memory:')
  const kept = { policy: 'always', always: [], never: ['juliet@localhost'] }
  await storage.keyValue('localhost/archive-preferences').set('romeo', kept)
  await using local = await start({}, storage)
  const romeo = await local.connect('romeo@localhost/orchard')
  await local.connect('juliet@localhost/balcony')
  await romeo.send(`<message to='juliet@localhost'><body>one</body></message>`)
  await romeo.send(`<message to='romeo@localhost'><body>two</body></message>`)
  assert.deepEqual((await ask(romeo)).bodies, ['two'])
  assert.equal(await prefs(romeo, 'get'), 'always always:  never: juliet@localhost')
})

test('XEP-0441 §2.1: changed preferences hold from the next message on', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const note = (body: string) => romeo.send(`<message to='romeo@localhost'><body>${body}</body></message>`)
  await note('one')
  await prefs(romeo, 'set', `default='never'`)
  await note('two')
  await prefs(romeo, 'set', `default='always'`)
  await note('three')
  assert.deepEqual((await ask(romeo)).bodies, ['one', 'three'])
})

test('XEP-0441 §2.1: what is no preference is refused, and lists are bounded', async () => {
  await using local = await start({ maxListed: 3 })
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.equal(await prefs(romeo, 'set'), 'bad-request')
  assert.equal(await prefs(romeo, 'set', `default='sometimes'`), 'bad-request')
  assert.equal(await prefs(romeo, 'set', `default='always'`, list('never', '@')), 'jid-malformed')
  const three = list('always', 'a@b', 'b@b') + list('never', 'c@b')
  assert.equal(await prefs(romeo, 'set', `default='always'`, three), 'always always: a@b b@b never: c@b')
  const four = list('always', 'a@b', 'b@b') + list('never', 'c@b', 'd@b')
  assert.equal(await prefs(romeo, 'set', `default='always'`, four), 'resource-constraint')
  assert.equal(await prefs(romeo, 'get'), 'always always: a@b b@b never: c@b')
})

const cases: [policy: string, lists: string, from: string, isArchived: boolean][] = [
  ['always', '', 'juliet@localhost/balcony', true],
  ['never', '', 'juliet@localhost/balcony', false],
  ['roster', '', 'juliet@localhost/balcony', true],
  ['roster', '', 'paris@localhost/street', false],
  ['always', list('never', 'paris@localhost'), 'paris@localhost/street', false],
  ['never', list('always', 'paris@localhost'), 'paris@localhost/street', true],
  ['roster', list('never', 'juliet@localhost'), 'juliet@localhost/balcony', false],
  ['roster', list('always', 'paris@localhost'), 'paris@localhost/street', true],
  // §2.3: an address with a resource is for that resource.
  ['never', list('always', 'paris@localhost/home'), 'paris@localhost/street', false],
  ['never', list('always', 'paris@localhost/street'), 'paris@localhost/street', true],
  [
    'never',
    list('always', 'paris@localhost/street') + list('never', 'paris@localhost'),
    'paris@localhost/street',
    true,
  ],
  [
    'always',
    list('always', 'paris@localhost') + list('never', 'paris@localhost'),
    'paris@localhost/street',
    false,
  ],
]

for (const [policy, lists, other, isArchived] of cases) {
  const what = `${policy}${lists.replace(/<[/]?jid>/g, ' ').replace(/<[/]\w+>/g, '')}`
  test(`XEP-0441 §2.3: with ${what}, messages from and to ${other} are ${isArchived ? '' : 'not '}archived`, async () => {
    await using local = await start()
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send(
      `<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost'/></query></iq>`,
    )
    await prefs(romeo, 'set', `default='${policy}'`, lists)
    const contact = await local.connect(other)
    await contact.send(`<message to='romeo@localhost/orchard' type='chat'><body>in</body></message>`)
    await romeo.send(`<message to='${other}' type='chat'><body>out</body></message>`)
    assert.deepEqual((await ask(romeo)).bodies, isArchived ? ['in', 'out'] : [])
    assert.deepEqual((await ask(contact)).bodies, ['in', 'out'], 'the other archive is the other’s')
  })
}
