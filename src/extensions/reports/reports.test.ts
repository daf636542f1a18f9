import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { KeptLog } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { type KeptReport, reports } from './reports.ts'

const namespace = 'urn:xmpp:reporting:1'
const spam = 'urn:xmpp:reporting:spam'
const start = (options = {}, admins: string[] = [], log = new KeptLog()) =>
  inMemoryServer({ extensions: [reports], options: { reports: options }, admins, log })

const report = (inside = '', reason = spam) =>
  `<report xmlns='${namespace}' reason='${reason}'>${inside}</report>`
const item = (address: string, inside: string) => `<item jid='${address}'>${inside}</item>`

/** Blocks; answers with the type of the answer. */
async function block(client: MemoryClient, ...items: string[]): Promise<string | undefined> {
  client.takeAll()
  await client.send(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>${items.join('')}</block></iq>`)
  for (let turn = 0; turn < 10; turn++) await setImmediate()
  return client.takeAll()[0]?.attribute('type')
}

async function blocklist(client: MemoryClient): Promise<(string | undefined)[]> {
  client.takeAll()
  await client.send(`<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>`)
  const list = client.takeAll()[0]?.child('blocklist', 'urn:xmpp:blocking')
  return list?.elements().map((entry) => entry.attribute('jid')) ?? []
}

function last(local: InMemory, limit = 100, about?: string): Promise<KeptReport[]> {
  const api = local.server.host('localhost')?.extensions.api(reports)
  return api?.last(limit, about === undefined ? undefined : jid(about)) ?? Promise.resolve([])
}

test('XEP-0377 §6: who is reported is blocked, and the report is kept and logged, without its words', async () => {
  const log = new KeptLog()
  await using local = await start({}, [], log)
  const romeo = await local.connect('romeo@localhost/orchard')
  const text = `<text xml:lang='en'> Never came trouble to my house like this. </text>`
  const ids = `<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='1'/><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='2'/>`
  const items = [item('spam@example.org/x', report(ids + text)), item('other@example.org', '')]
  assert.equal(await block(romeo, ...items), 'result')
  assert.deepEqual(await blocklist(romeo), ['spam@example.org/x', 'other@example.org'])
  assert.deepEqual(await last(local), [
    {
      reporter: 'romeo@localhost',
      reported: 'spam@example.org/x',
      reason: spam,
      text: 'Never came trouble to my house like this.',
      stanzaIds: [
        { by: 'romeo@localhost', id: '1' },
        { by: 'romeo@localhost', id: '2' },
      ],
      when: local.clock.now(),
    },
  ])
  const logged = log.entries.filter(({ event }) => event === 'reported')
  assert.deepEqual(
    logged.map(({ data }) => data),
    [{ reporter: 'romeo@localhost', reported: 'spam@example.org/x', reason: spam }],
  )
})

test('XEP-0377 §3: the domain says that it takes reports', async () => {
  await using local = await start()
  assert.ok(local.server.host('localhost')?.advertised.features.includes(namespace))
})

test('XEP-0377 §4, §6: what is no report is passed over and does not keep the block from happening', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const wrong = {
    'a@example.org': `<report xmlns='${namespace}'/>`,
    'b@example.org': report('', 'x'.repeat(201)),
    'c@example.org': `<report xmlns='urn:else' reason='${spam}'/>`,
  }
  for (const [address, inside] of Object.entries(wrong)) {
    assert.equal(await block(romeo, item(address, inside)), 'result', inside)
  }
  assert.deepEqual(await last(local), [])
  assert.deepEqual(await blocklist(romeo), Object.keys(wrong))
})

test('XEP-0377 §5: a report goes no further than the server, whatever its reporter would allow', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const tybalt = await local.connect('tybalt@localhost/street')
  await tybalt.send('<presence/>')
  tybalt.takeAll()
  const allowed = `<report-origin/><third-party/>`
  for (const inside of [allowed, '']) {
    assert.equal(await block(romeo, item('tybalt@localhost', report(inside))), 'result')
  }
  assert.equal((await last(local)).length, 2)
  assert.deepEqual(tybalt.takeAll(), [])
})

test('a command that is refused reports nothing', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.equal(await block(romeo, item('a@example.org', report()), item('@', '')), 'error')
  assert.deepEqual(await last(local), [])
})

test('of a report a bounded part is kept: words, whole ones of several units, and ids', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const id = (value: string) => `<stanza-id xmlns='urn:xmpp:sid:0' by='a@b' id='${value}'/>`
  const many = Array.from({ length: 21 }, (_, index) => id(String(index))).join('')
  const text = `<text>${'x'.repeat(1999)}😀</text>`
  await block(romeo, item('a@example.org', report(id('') + id('y'.repeat(3100)) + many + text)))
  const [kept] = await last(local)
  assert.equal(kept?.text, 'x'.repeat(1999))
  assert.deepEqual([kept?.stanzaIds.length, kept?.stanzaIds.at(-1)?.id], [20, '19'])
})

test('a bounded number of reports is kept, the newest, and can be asked for by who was reported', async () => {
  await using local = await start({ maxKept: 2 })
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const address of ['a@example.org', 'b@example.org/x', 'c@example.org'])
    await block(romeo, item(address, report()))
  assert.deepEqual(
    (await last(local)).map(({ reported }) => reported),
    ['b@example.org/x', 'c@example.org'],
  )
  assert.deepEqual(
    (await last(local, 1)).map(({ reported }) => reported),
    ['c@example.org'],
  )
  assert.equal((await last(local, 9, 'b@example.org')).length, 1)
})

test('an account makes a bounded number of reports in a day; others still can', async () => {
  await using local = await start({ perDay: 2 })
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  const three = ['a', 'b', 'c'].map((name) => item(`${name}@example.org`, report()))
  assert.equal(await block(romeo, ...three), 'result')
  assert.equal((await blocklist(romeo)).length, 3)
  assert.equal((await last(local)).length, 2)
  await block(juliet, item('a@example.org', report()))
  assert.equal((await last(local)).length, 3)
  local.clock.advance(86_400_000)
  await block(romeo, item('d@example.org', report()))
  assert.equal((await last(local)).length, 4)
})

test('administrators get each report as a message, if the host says so', async () => {
  for (const tellAdmins of [true, false]) {
    await using local = await start({ tellAdmins }, ['nurse@localhost'])
    const nurse = await local.connect('nurse@localhost/house')
    await nurse.send('<presence/>')
    nurse.takeAll()
    const romeo = await local.connect('romeo@localhost/orchard')
    await block(romeo, item('spam@example.org', report('<text>Buy!</text>')))
    const told = nurse.takeAll()
    assert.deepEqual(
      told.map((stanza) => [stanza.attribute('from'), stanza.child('body')?.text]),
      tellAdmins ? [['localhost', `romeo@localhost reports spam@example.org: ${spam}\nBuy!`]] : [],
    )
  }
})

test('of an account that has been removed no report says that it was made by it, or its words', async () => {
  await using local = await start()
  const reporters = []
  for (const name of ['romeo', 'nurse']) reporters.push(await local.connect(`${name}@localhost/x`))
  // More than are looked through at a time.
  for (const [index, client] of Array(210).fill(reporters).flat().entries()) {
    if (index % 42 === 0) local.clock.advance(86_400_001)
    await client.send(
      `<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>${item(`spam${index}@example.org`, report('<text>words</text>'))}</block></iq>`,
    )
  }
  for (let turn = 0; turn < 10; turn++) await setImmediate()
  await local.server.host('localhost')?.accounts.remove(jid('romeo@localhost'))
  const kept = await last(local, 1000)
  const parts = (reporter: string) => kept.filter((one) => one.reporter === reporter).map(({ text }) => text)
  assert.deepEqual(parts('romeo@localhost'), [])
  assert.deepEqual(parts(''), Array(210).fill(''))
  assert.deepEqual(parts('nurse@localhost'), Array(210).fill('words'))
})
