import assert from 'node:assert/strict'
import { test } from 'node:test'
import { befriend, online, told } from '../../../test/contacts.ts'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { jid } from '../../jid/jid.ts'
import { blocking } from '../blocking/blocking.ts'
import { roster } from './roster.ts'

const start = () => inMemoryServer({ extensions: [roster, blocking] })

test('RFC 6121 §4.3.2: who logs in is told who is there; the other clients, which know, are not', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  const street = await local.connect('romeo@localhost/street')
  await street.send('<presence/>')
  assert.ok(told(street).includes('available juliet@localhost/balcony'))
  assert.deepEqual(told(romeo), ['available romeo@localhost/street'])
})

test('RFC 6121 §4.3.2: every available session of a contact is shown, with when its presence was sent', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await online(local, 'juliet@localhost/chamber')
  await local.connect('juliet@localhost/silent')
  romeo.takeAll()
  await romeo.send(`<presence to='juliet@localhost' type='probe'/>`)
  const shown = romeo.takeAll()
  assert.deepEqual(
    shown.map((presence) => [presence.attribute('from'), presence.attribute('to')]),
    [
      ['juliet@localhost/balcony', 'romeo@localhost/orchard'],
      ['juliet@localhost/chamber', 'romeo@localhost/orchard'],
    ],
  )
  for (const presence of shown) assert.ok(presence.child('delay', 'urn:xmpp:delay'))
})

test('RFC 6121 §4.3.2: no account and one that does not show itself answer alike', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await online(local, 'juliet@localhost/balcony')
  const heard: string[] = []
  local.server.host('localhost')?.presenceReceived.add('check', ({ presence }) => {
    const { type, from, to, children } = presence
    heard.push(`${type} ${from} ${to} ${children.length}`)
  })
  for (const name of ['juliet', 'nobody']) await romeo.send(`<presence to='${name}@localhost' type='probe'/>`)
  assert.deepEqual(
    heard.filter((line) => line.startsWith('unsubscribed')),
    ['juliet', 'nobody'].map((name) => `unsubscribed ${name}@localhost romeo@localhost 0`),
  )
  assert.deepEqual(told(romeo), [], 'who had no subscription is not bothered (Appendix A.3.4)')
})

test('RFC 6121 §4.3.2: an answer that there is no subscription ends one that was believed in', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await local.server.host('localhost')?.store.collection('roster').clear('juliet')
  await local.server.host('localhost')?.accounts.remove(jid('juliet@localhost'))
  romeo.takeAll()
  const street = await local.connect('romeo@localhost/street')
  await street.send('<presence/>')
  assert.ok(told(romeo).includes('push juliet@localhost from'))
})

test('RFC 6121 §4.3.2: a probe that is refused does not cancel a pre-approval', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await juliet.send(`<presence to='romeo@localhost' type='subscribed'/>`)
  await romeo.send(`<presence to='juliet@localhost' type='probe'/>`)
  romeo.takeAll()
  await romeo.send(`<presence to='juliet@localhost' type='subscribe'/>`)
  assert.ok(told(romeo).includes('subscribed juliet@localhost'))
})

test('XEP-0191 §3.3: who is blocked is neither asked for presence nor answered', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await romeo.send(
    `<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='juliet@localhost'/></block></iq>`,
  )
  const probes: string[] = []
  local.server.host('localhost')?.presenceReceived.add('check', ({ presence, account }) => {
    if (presence.type === 'probe') probes.push(account.jid.toString())
  })
  const street = await local.connect('romeo@localhost/street')
  await street.send('<presence/>')
  assert.deepEqual(told(street), ['available romeo@localhost/street', 'available romeo@localhost/orchard'])
  assert.deepEqual(probes, [])
  juliet.takeAll()
  await juliet.send(`<presence to='romeo@localhost' type='probe'/>`)
  assert.deepEqual(told(juliet), [])
})
