// Stanzas that are too much or make no sense, and noise, against a live port.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { garble, mutate, notices, places, requests } from './hostile-corpus.ts'
import { Bystander, HostileTarget, inBatches } from './hostile-target.ts'
import { SeededRandom } from './random.ts'
import { bindRequest, header, plain, type RawClient } from './raw-client.ts'

const muc = 'http://jabber.org/protocol/muc'
test('hostile stanzas', async (t) => {
  const target = await HostileTarget.start(t, {
    'extensions.register.open': true,
    'extensions.register.perHour': 0,
    'extensions.register.minPasswordLength': 1,
  })
  const bystander = await Bystander.login(target)

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
