// Stanzas that are XML but make no sense, names that mean something to JavaScript or SQL, and noise, against a live port.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { garble, mutate, notices, places, requests } from './hostile-corpus.ts'
import { Bystander, HostileTarget, inBatches } from './hostile-target.ts'
import { SeededRandom } from './random.ts'
import { bindRequest, header, plain, RawClient } from './raw-client.ts'

const muc = 'http://jabber.org/protocol/muc'
const words = ['__proto__', 'constructor', 'prototype', 'hasownproperty', 'tostring', 'valueof']
const escaped = (text: string) => text.replace(/[&<>'"]/g, (character) => `&#${character.charCodeAt(0)};`)

test('hostile stanzas', async (t) => {
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

  await t.test('forms and cards that are too much are refused; the stream lives on', async () => {
    const juliet = await target.login('juliet', 'reader')
    juliet.write(`<presence to='forms@rooms.localhost/juliet'><x xmlns='${muc}'/></presence>`)
    await juliet.until(/<status[^>]*code='201'/)
    const fields = Array.from(
      { length: 2000 },
      (_, index) => `<field var='f${index}'><value>v</value></field>`,
    )
    const config = `<query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x></query>`
    assert.match(await juliet.request('set', config, { to: 'forms@rooms.localhost' }), /type='error'/)
    const items = Array.from(
      { length: 2000 },
      (_, index) => `<item jid='j${index}@localhost' affiliation='member'/>`,
    )
    const lists = `<query xmlns='${muc}#admin'>${items.join('')}</query>`
    assert.match(await juliet.request('set', lists, { to: 'forms@rooms.localhost' }), /type='error'/)
    const card = `<vCard xmlns='vcard-temp'><PHOTO><BINVAL>${'A'.repeat(200_000)}</BINVAL></PHOTO></vCard>`
    assert.match(await juliet.request('set', card), /type='error'/)
    const contact = `<query xmlns='jabber:iq:roster'><item jid='a@localhost' name='${'n'.repeat(60_000)}'/></query>`
    assert.match(await juliet.request('set', contact), /type='error'/)
  })

  await t.test(
    'requests changed at random are each answered once, and none shows a bug (RFC 6120 §8.2.3)',
    async () => {
      const random = new SeededRandom(6120)
      const romeo = await target.login('romeo')
      const juliet = await target.login('juliet')
      romeo.write('<presence/>')
      for (let batch = 0; batch < 40; batch++) {
        // Whatever the last batch did to the room, it is there again.
        for (const client of [romeo, juliet]) {
          const nick = client === romeo ? 'romeo' : 'juliet'
          client.write(
            `<presence to='fuzz@rooms.localhost/${nick}'><x xmlns='${muc}'><password>sesame</password></x></presence>`,
          )
        }
        const ids: string[] = []
        for (let count = 0; count < 50; count++) {
          const id = `fuzz-${batch}-${count}`
          if (random.below(3) > 0) ids.push(id)
          const isRequest = ids.at(-1) === id
          romeo.write(mutate(random.pick(isRequest ? requests : notices), id, random.pick(places), random))
        }
        await romeo.request('get', "<ping xmlns='urn:xmpp:ping'/>", { to: 'localhost' })
        await answered(romeo, ids)
      }
    },
  )

  await t.test('noise and garbled traffic at every stage end the stream or pass by', async () => {
    const random = new SeededRandom(3629)
    const stages = [
      header(),
      plain('juliet', 'balcony'),
      header(),
      bindRequest('noise'),
      [...requests, ...notices].join(''),
    ]
    const attempts = Array.from({ length: 400 }, (_, index) => index)
    await inBatches(attempts, 20, async (index) => {
      const client = await target.connect()
      const stage = index % (stages.length + 1)
      client.write(stages.slice(0, stage).join(''))
      const noise = Buffer.from(Array.from({ length: 300 }, () => random.below(256)))
      client.write(index % 7 === 0 ? noise : garble(stages.slice(stage).join('') || stages.join(''), random))
      client.end()
      await client.untilClosed()
    })
  })

  await bystander.wasServed()
  target.assertNoBugs()
})

/** Every request was answered, once, with a result or an error that is no bug. */
async function answered(client: RawClient, ids: readonly string[]): Promise<void> {
  let text = client.taken
  const repliesTo = (id: string) =>
    text.match(new RegExp(`<iq(?=[^>]* id='${id}')[^>]* type='(result|error)'`, 'g')) ?? []
  // Stores answer when they have kept it, which may be after the ping.
  for (const id of ids) {
    if (repliesTo(id).length > 0) continue
    await client.until(new RegExp(`<iq(?=[^>]* id='${id}')(?=[^>]* type='(result|error)')`))
    text += client.taken
  }
  const wrong = ids.filter((id) => repliesTo(id).length !== 1)
  assert.deepEqual(wrong, [])
  assert.doesNotMatch(text, /<internal-server-error|<undefined-condition/)
}
