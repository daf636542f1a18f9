// XEP-0077 §3.2, §3.3: what owners do with their account.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, connectedPeer } from '../../../test/in-memory-peer.ts'
import { bindRequest, header, plain, type TestPeer } from '../../../test/stream-peer.ts'
import { ping } from '../ping/ping.ts'
import { register } from './register.ts'

const namespace = 'jabber:iq:register'
const start = (options = {}) => inMemoryServer({ extensions: [register], options: { register: options } })
const query = (inside: string, type = 'set') =>
  `<iq type='${type}' id='q'><query xmlns='${namespace}'>${inside}</query></iq>`

/** Juliet's client, with a resource. */
async function bound(local: InMemory, resource: string): Promise<TestPeer> {
  const peer = await authenticatedPeer(local)
  await peer.exchange(bindRequest(resource))
  return peer
}

/** Whether Juliet can log in with a password. */
async function isPassword(local: InMemory, password: string): Promise<boolean> {
  const peer = connectedPeer(local)
  await peer.exchange(header())
  return /<success /.test(await peer.exchange(plain('juliet', password)))
}

test('XEP-0077 §3.1: who has an account is told so, with its name and what can be done', async () => {
  await using local = await start()
  const juliet = await bound(local, 'balcony')
  const answer = await juliet.exchange(query('', 'get'))
  assert.match(
    answer,
    /<registered\/><instructions>[^<]+<\/instructions><username>juliet<\/username><password\/>/,
  )
})

test('XEP-0077 §3.3: the new password holds and the old one does not', async () => {
  await using local = await start()
  const juliet = await bound(local, 'balcony')
  const fields = '<username>juliet</username><password>a new password</password>'
  assert.match(await juliet.exchange(query(fields)), /type='result'/)
  assert.deepEqual(
    [await isPassword(local, 'password'), await isPassword(local, 'a new password')],
    [false, true],
  )
})

test('XEP-0077 §3.3: an empty password is none, and the old one holds; the request is not sent back', async () => {
  await using local = await start()
  const juliet = await bound(local, 'balcony')
  const empty = [
    '<password/>',
    '<password></password>',
    '',
    `<password xmlns='urn:else'>another one</password>`,
  ]
  for (const password of empty) {
    const answer = await juliet.exchange(query(`<username>juliet</username>${password}`))
    assert.match(answer, /type='error'.*<bad-request /, password)
    assert.doesNotMatch(answer, /<query/)
  }
  const form = `<x xmlns='jabber:x:data' type='submit'><field var='password'><value/></field></x>`
  assert.match(await juliet.exchange(query(form)), /<bad-request /)
  assert.match(await juliet.exchange(query('<password>short</password>')), /<not-acceptable /)
  assert.equal(await isPassword(local, 'password'), true)
})

test('XEP-0077 §3.2: who leaves is told so, and then every session ends with not-authorized', async () => {
  await using local = await start()
  const juliet = await bound(local, 'balcony')
  const phone = await bound(local, 'phone')
  const answer = await juliet.exchange(query('<remove/>'))
  assert.match(answer, /<iq [^>]*type='result'.*<stream:error><not-authorized .*<\/stream:stream>$/)
  assert.match(await phone.settled(), /^<stream:error><not-authorized .*<\/stream:stream>$/)
  assert.equal(await isPassword(local, 'password'), false)
})

test('XEP-0077 §3.2: a removal that says anything besides, or where owners may not leave, removes nothing', async () => {
  for (const [options, inside, condition] of [
    [{}, '<remove/><username>juliet</username>', 'bad-request'],
    [{}, '<password>a new password</password><remove/>', 'bad-request'],
    [{ canCancel: false }, '<remove/>', 'not-allowed'],
  ] as const) {
    await using local = await start(options)
    const juliet = await bound(local, 'balcony')
    assert.match(await juliet.exchange(query(inside)), new RegExp(`<${condition} `), inside)
    assert.equal(await isPassword(local, 'password'), true)
  }
})

test('XEP-0077 §3.2, §3.3: who has an account of the same name elsewhere changes and removes nothing here', async () => {
  await using local = await inMemoryServer({ extensions: [register], rooms: [ping] })
  await bound(local, 'balcony')
  const namesake = await local.connect('juliet@rooms.localhost/balcony')
  for (const inside of ['<username>juliet</username><password>a new password</password>', '<remove/>']) {
    for (const to of ['localhost', 'juliet@localhost']) {
      await namesake.send(query(inside).replace('<iq ', `<iq to='${to}' `))
      const condition = namesake.takeAll()[0]?.child('error')?.elements()[0]?.name
      assert.equal(condition, to === 'localhost' ? 'not-allowed' : 'service-unavailable', inside)
    }
  }
  assert.equal(await isPassword(local, 'password'), true)
})

test('XEP-0077 §10: that there is something to ask of one’s account stands in disco#info, open or not', async () => {
  for (const open of [true, false]) {
    await using local = await start({ open })
    assert.ok(local.server.host('localhost')?.advertised.features.includes(namespace))
  }
})
