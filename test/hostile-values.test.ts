// Values that mean something to JavaScript, SQL or Unicode, or are beyond all bounds, against a live port.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bystander, HostileTarget } from './hostile-target.ts'
import { RawClient } from './raw-client.ts'

const muc = 'http://jabber.org/protocol/muc'
const words = ['__proto__', 'constructor', 'prototype', 'hasownproperty', 'tostring', 'valueof']
/** Nearly as long as an attribute may be, and awkward for regular expressions and for Unicode. */
const longValues: Readonly<Record<string, string>> = {
  'one letter': 'a'.repeat(60_000),
  digits: '9'.repeat(60_000),
  spaces: ' '.repeat(60_000),
  dots: 'a.'.repeat(30_000),
  ats: 'a@'.repeat(30_000),
  slashes: '/'.repeat(60_000),
  'almost a date': `2026-01-01T00:00:00.${'0'.repeat(60_000)}`,
  'almost a number': `${' '.repeat(30_000)}-${'0'.repeat(30_000)}x`,
  'marks in the wrong order': `a${'\u0301\u0327'.repeat(15_000)}`,
  'letters that become many': '\ufdfa'.repeat(20_000),
  'right to left': '\u05d0'.repeat(30_000),
  'letters and joiners': 'a\u200d'.repeat(15_000),
}
const escaped = (text: string) => text.replace(/[&<>'"]/g, (character) => `&#${character.charCodeAt(0)};`)

test('hostile values', async (t) => {
  const target = await HostileTarget.start(t, {
    'extensions.register.open': true,
    'extensions.register.perHour': 0,
    'extensions.register.minPasswordLength': 1,
  })
  const bystander = await Bystander.login(target)

  await t.test(
    'words of JavaScript are names like others: accounts, contacts, rooms, nicks, fields, nodes',
    async () => {
      for (const word of words) {
        const guest = await target.connect()
        await guest.open()
        const form = `<query xmlns='jabber:iq:register'><username>${word}</username><password>of ${word}</password></query>`
        assert.match(await guest.request('set', form), /type='result'/)
        const client = await RawClient.login(t, target.port, {
          user: word,
          password: `of ${word}`,
          resource: word,
        })
        const contact = `<query xmlns='jabber:iq:roster'><item jid='${word}@localhost' name='${word}'><group>${word}</group></item></query>`
        const own = await RawClient.login(t, target.port, {
          user: 'juliet',
          password: 'balcony',
          resource: word,
        })
        assert.match(await own.request('set', contact), /type='result'/)
        client.write(
          `<presence/><presence to='${word}@rooms.localhost/${word}'><x xmlns='${muc}'/></presence>`,
        )
        await client.until(/<status[^>]*code='201'/)
        const config = `<query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'><field var='${word}'><value>${word}</value></field></x></query>`
        assert.match(await client.request('set', config, { to: `${word}@rooms.localhost` }), /type='result'/)
        client.write(`<message to='${word}@rooms.localhost' type='groupchat'><body>${word}</body></message>`)
        assert.match(await client.until('</body>'), new RegExp(`from='${word}@rooms.localhost/${word}'`))
        const info = `<query xmlns='http://jabber.org/protocol/disco#info' node='${word}'/>`
        assert.match(await client.request('get', info, { to: 'localhost' }), /<item-not-found/)
        const unknown = `<${word} xmlns='${word}'/>`
        assert.match(await client.request('get', unknown, { to: 'localhost' }), /<service-unavailable/)
      }
      const juliet = await target.login('juliet', 'reader')
      const roster = await juliet.request('get', "<query xmlns='jabber:iq:roster'/>")
      assert.deepEqual(
        [...roster.matchAll(/jid='([^@']*)@localhost'/g)].map(([, name]) => name).sort(),
        [...words].sort(),
      )
    },
  )

  await t.test(
    'addresses that are none, or strange, are told so, and nothing breaks out of them',
    async () => {
      const juliet = await target.login('juliet', 'reader')
      for (const [address, condition] of [
        ['a b@localhost', 'jid-malformed'],
        ['"a"@localhost', 'jid-malformed'],
        ["o'neill@localhost", 'jid-malformed'],
        ['a<b>@localhost', 'jid-malformed'],
        ['@localhost', 'jid-malformed'],
        ['juliet@', 'jid-malformed'],
        ['juliet@localhost/', 'jid-malformed'],
        [`${'a'.repeat(1024)}@localhost`, 'jid-malformed'],
        ['a@b..c', 'jid-malformed'],
        ['%00;\\..@localhost', 'service-unavailable'],
        [`nobody@localhost/'"<>&;--`, 'service-unavailable'],
        ["juliet@localhost/' OR 1=1", 'service-unavailable'],
        ['nobody@example.org', 'remote-server-not-found'],
      ] as const) {
        const reply = await juliet.request('get', "<ping xmlns='urn:xmpp:ping'/>", { to: escaped(address) })
        assert.match(reply, new RegExp(`<${condition} `), address)
      }
    },
  )

  await t.test(
    'numbers and dates beyond all bounds are refused or bounded (XEP-0059, XEP-0045 §7.2.14)',
    async () => {
      const juliet = await target.login('juliet', 'reader')
      const to = 'rooms.localhost'
      for (const [max, after] of [
        ['-1', ''],
        ['0', '<after/>'],
        ['2147483648', '<after>%00</after>'],
        ['99999999999999999999999', "<after>' OR 1=1 --</after>"],
        ['1e309', '<before/>'],
        ['NaN', '<index>-1</index>'],
        ['', '<after>__proto__</after><before>constructor</before>'],
      ]) {
        const page = `<set xmlns='http://jabber.org/protocol/rsm'><max>${max}</max>${after}</set>`
        const items = `<query xmlns='http://jabber.org/protocol/disco#items'>${page}</query>`
        const reply = await juliet.request('get', items, { to })
        assert.match(reply, /type='result'|<bad-request|<item-not-found|<not-acceptable/)
      }
      const enter = (history: string) => {
        juliet.write(
          `<presence to='past@${to}/juliet'><x xmlns='${muc}'><history ${history}/></x></presence>`,
        )
        return juliet.until(/<subject\/>|<subject>.*?<\/subject>|<\/error>/)
      }
      await enter('')
      for (const history of [
        "maxstanzas='2147483648'",
        "maxstanzas='-1'",
        "maxstanzas='1e9'",
        "maxchars='-5'",
        "seconds='99999999999999999999'",
        "since='0000-00-00T00:00:00Z'",
        "since='99999-12-31T23:59:59Z'",
        "since='now'",
        "since='__proto__'",
      ]) {
        await enter(history)
        juliet.write(`<presence to='past@${to}/juliet' type='unavailable'/>`)
        await juliet.until(/type='unavailable'/)
      }
    },
  )

  await t.test('long values are dealt with in time in proportion to their length', async () => {
    const romeo = await target.login('romeo', 'long')
    let slowest = { ms: 0, what: '' }
    for (const [what, text] of Object.entries(longValues)) {
      for (const stanza of stanzasWith(escaped(text))) {
        const start = performance.now()
        romeo.write(stanza)
        await romeo.request('get', "<ping xmlns='urn:xmpp:ping'/>", { to: 'localhost' })
        const ms = performance.now() - start
        if (ms > slowest.ms) slowest = { ms, what: `${what}: ${stanza.slice(0, 100)}` }
      }
    }
    t.diagnostic(`the slowest took ${Math.round(slowest.ms)} ms: ${slowest.what}`)
    assert.ok(slowest.ms < 15_000, slowest.what)
  })

  await bystander.wasServed()
  target.assertNoBugs()
})

/** Stanzas with a value in every place where a server reads one. */
function stanzasWith(value: string): string[] {
  const to = 'long@rooms.localhost'
  const disco = 'http://jabber.org/protocol/disco#items'
  const set = (payload: string, address?: string) =>
    `<iq type='set' id='long'${address === undefined ? '' : ` to='${address}'`}>${payload}</iq>`
  const inForm = ['roomname', 'roomsecret', 'maxusers', 'whois', 'roomadmins'].map((name) => {
    const field = `<field var='muc#roomconfig_${name}'><value>${value}</value></field>`
    return set(`<query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'>${field}</x></query>`, to)
  })
  const item = `<item affiliation='${value}' jid='${value}' nick='${value}'/>`
  const contact = `<item jid='${value}' name='${value}'><group>${value}</group></item>`
  const page = `<set xmlns='http://jabber.org/protocol/rsm'><max>${value}</max><after>${value}</after></set>`
  return [
    `<presence to='${to}/romeo'><x xmlns='${muc}'/></presence>`,
    `<message to='${value}'/>`,
    `<message to='romeo@localhost' xml:lang='${value}'><body>${value}</body></message>`,
    `<message to='${to}' type='groupchat'><subject>${value}</subject></message>`,
    `<presence to='${to}/${value}'><x xmlns='${muc}'><password>${value}</password></x></presence>`,
    `<presence to='${to}/romeo'><x xmlns='${muc}'><history since='${value}' maxchars='${value}'/></x></presence>`,
    `<presence><show>${value}</show><priority>${value}</priority></presence>`,
    ...inForm,
    set(`<query xmlns='${muc}#admin'>${item}</query>`, to),
    set(`<query xmlns='jabber:iq:roster'>${contact}</query>`),
    set(
      `<query xmlns='jabber:iq:register'><username>${value}</username><password>${value}</password></query>`,
    ),
    `<iq type='get' id='long' to='rooms.localhost'><query xmlns='${disco}' node='${value}'>${page}</query></iq>`,
  ]
}
