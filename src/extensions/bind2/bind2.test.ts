import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { connectedPeer } from '../../../test/in-memory-peer.ts'
import {
  authenticate,
  elementsIn,
  fast as fastElement,
  find,
  phoneId,
  plainMessage,
  requestToken,
  tabletId,
  tokenIn,
  tokenMessage,
} from '../../../test/sasl2.ts'
import {
  bind,
  enableResumption,
  givenToken,
  opened,
  sasl2Server,
  unbound,
  withPassword,
  withToken,
} from '../../../test/sasl2-peer.ts'
import { header } from '../../../test/stream-peer.ts'
import { carbons } from '../carbons/carbons.ts'
import { standard } from '../standard/standard.ts'
import { bind2 } from './bind2.ts'

const start = (options = {}) => sasl2Server(standard, options)
const success = (answer: string) => find(answer, 'success')
const boundIn = (answer: string) => success(answer).child('bound', 'urn:xmpp:bind:0')
const addressIn = (answer: string) => success(answer).child('authorization-identifier')?.text ?? ''
const smIdIn = (answer: string) => boundIn(answer)?.child('enabled', 'urn:xmpp:sm:3')?.attribute('id') ?? ''
const resume = (id: string, h = '0') => `<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='${h}'/>`
const write = (to: string, text: string) => `<message to='${to}' type='chat'><body>${text}</body></message>`

test('XEP-0386 §3.1: it is offered inside of SASL2, with what a session can be from its beginning', async () => {
  await using local = await start()
  const { features } = await opened(local)
  const inline = ['urn:xmpp:carbons:2', 'urn:xmpp:csi:0', 'urn:xmpp:sm:3'].map(
    (name) => `<feature var='${name}'/>`,
  )
  assert.ok(features.includes(`<bind xmlns='urn:xmpp:bind:0'><inline>${inline.join('')}</inline></bind>`))
})

test('XEP-0386 §3.1: only what the host has', async () => {
  await using local = await sasl2Server([bind2, carbons])
  const { features } = await opened(local)
  assert.match(features, /<inline><feature var='urn:xmpp:carbons:2'\/><\/inline>/)
})

test('XEP-0386 §3.2: the session is there when the client is told that it is in, and nothing comes before that', async () => {
  await using local = await start()
  const { peer, answer } = await withPassword(local, { more: bind() })
  const [first, second, ...rest] = elementsIn(answer)
  assert.deepEqual([first?.name, second?.name, rest.length], ['success', 'features', 0])
  assert.match(addressIn(answer), /^juliet@localhost\/Phone\/[\w-]+$/)
  assert.ok(boundIn(answer)?.child('metadata', 'urn:xmpp:mam:2'))
  // RFC 6120 §7: there is nothing left to be bound.
  assert.doesNotMatch(answer, /xmpp-bind|xmpp-session|xmpp-sasl/)
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(write(addressIn(answer), 'hello'))
  assert.match(await peer.read(), /hello/)
})

test('XEP-0386 §3.2.1: the same client has the same resource each time, another one another', async () => {
  await using local = await start()
  const resources = []
  for (const agent of [phoneId, phoneId, tabletId])
    resources.push(addressIn((await withPassword(local, { agent, more: bind() })).answer))
  assert.equal(resources[0], resources[1])
  assert.notEqual(resources[0], resources[2])
})

test('XEP-0386 §3.2: an earlier session of the same client is ended, those of others are not', async () => {
  await using local = await start()
  const { peer: before } = await withPassword(local, { more: bind() })
  const { peer: tablet } = await withPassword(local, { agent: tabletId, more: bind() })
  await withPassword(local, { more: bind() })
  assert.match(await before.read(), /<conflict /)
  assert.equal(tablet.isClosed, false)
})

for (const tag of ['', 'a\u0007b', 'x'.repeat(2000), ' ']) {
  test(`XEP-0386 §3.2.1: a tag like ${JSON.stringify(tag.slice(0, 5))} does no harm`, async () => {
    await using local = await start()
    const peer = await opened(local)
    const more = `<bind xmlns='urn:xmpp:bind:0'><tag>${tag === 'a\u0007b' ? 'a&#x200E;b' : tag}</tag></bind>`
    const answer = await peer.exchange(
      authenticate({ mechanism: 'PLAIN', message: plainMessage('juliet', 'secret'), more }),
    )
    assert.match(addressIn(answer), /^juliet@localhost\/.+/)
    assert.ok(addressIn(answer).length < 120)
  })
}

test('XEP-0280, XEP-0352: carbons and inactivity hold from the beginning', async () => {
  await using local = await start()
  const more = bind("<enable xmlns='urn:xmpp:carbons:2'/>", "<inactive xmlns='urn:xmpp:csi:0'/>")
  const { peer, answer } = await withPassword(local, { more })
  const { peer: tablet } = await withPassword(local, { agent: tabletId, more: bind() })
  const typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(`<message to='${addressIn(answer)}' type='chat'>${typing}</message>`)
  assert.equal(await peer.settled(), '')
  tablet.send(write('romeo@localhost', 'to be seen on the phone'))
  assert.match(await peer.read(), /<sent xmlns='urn:xmpp:carbons:2'>.*to be seen on the phone/)
})

test('XEP-0198 §9.1: stream management is on from the beginning', async () => {
  await using local = await start()
  const { peer, answer } = await withPassword(local, { more: bind(enableResumption) })
  assert.notEqual(smIdIn(answer), '')
  assert.equal(await peer.exchange("<r xmlns='urn:xmpp:sm:3'/>"), "<a xmlns='urn:xmpp:sm:3' h='0'/>")
})

test('XEP-0198 §9.2: a session is resumed instead of binding, and what was missed comes behind the answer', async () => {
  await using local = await start()
  const { peer, answer } = await withPassword(local, { more: bind(enableResumption) + requestToken(unbound) })
  peer.send('<presence/>')
  await peer.settled()
  peer.transport.destroy()
  await peer.settled()
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(write('juliet@localhost', 'while you were away'))
  const more = resume(smIdIn(answer)) + bind(enableResumption)
  const { answer: back } = await withToken(local, tokenIn(answer)?.token ?? '', { more })
  const elements = elementsIn(back)
  assert.deepEqual(
    elements.slice(0, 2).map(({ name }) => name),
    ['success', 'features'],
  )
  assert.equal(success(back).child('resumed', 'urn:xmpp:sm:3')?.attribute('h'), '1')
  assert.equal(boundIn(back), undefined)
  assert.equal(addressIn(back), addressIn(answer))
  assert.ok(elements.slice(2).some((element) => element.child('body')?.text === 'while you were away'))
})

test('XEP-0198 §9.2.1: where there is nothing to resume, a new session is bound', async () => {
  await using local = await start()
  const { answer } = await withPassword(local, { more: resume('nothing') + bind(enableResumption) })
  assert.ok(
    success(answer)
      .child('failed', 'urn:xmpp:sm:3')
      ?.child('item-not-found', 'urn:ietf:params:xml:ns:xmpp-stanzas'),
  )
  assert.notEqual(smIdIn(answer), '')
})

test('XEP-0198 §5: the session of somebody else is none', async () => {
  await using local = await start()
  const { peer, answer } = await withPassword(local, { more: bind(enableResumption) })
  peer.transport.destroy()
  const more = resume(smIdIn(answer)) + bind()
  const { answer: thief } = await withPassword(local, { username: 'romeo', agent: tabletId, more })
  assert.ok(success(thief).child('failed', 'urn:xmpp:sm:3'))
  assert.match(addressIn(thief), /^romeo@localhost\//)
})

test('XEP-0388 §2.6.2: nothing that was asked for besides is done when logging in fails', async () => {
  await using local = await start()
  const { peer, answer } = await withPassword(local, { more: bind(enableResumption) })
  peer.transport.destroy()
  await peer.settled()
  const thief = await opened(local)
  const more = resume(smIdIn(answer)) + bind() + requestToken(unbound)
  const request = authenticate({
    mechanism: 'PLAIN',
    message: plainMessage('juliet', 'wrong'),
    agent: phoneId,
    more,
  })
  assert.match(await thief.exchange(request), /^<failure [^>]*><not-authorized [^>]*\/><\/failure>$/)
  assert.equal(thief.stream.has('bound'), false)
  const { answer: back } = await withPassword(local, { more: resume(smIdIn(answer)) })
  assert.ok(success(back).child('resumed', 'urn:xmpp:sm:3'))
})

test('XEP-0198 §4: more acknowledged than was sent ends the stream, and gives nothing away', async () => {
  await using local = await start()
  const { peer, answer } = await withPassword(local, { more: bind(enableResumption) })
  peer.transport.destroy()
  await peer.settled()
  const { answer: cheat } = await withPassword(local, { more: resume(smIdIn(answer), '99') })
  assert.match(cheat, /<handled-count-too-high .*<\/stream:stream>$/)
  assert.doesNotMatch(cheat, /<success/)
})

test('a client that comes back with FAST, Bind 2 and stream management is online after one round trip', async () => {
  await using local = await start()
  const { peer, answer } = await withPassword(local, { more: bind(enableResumption) + requestToken(unbound) })
  const token = tokenIn(answer)?.token ?? ''
  for (const isResumed of [true, false]) {
    peer.transport.destroy()
    await peer.settled()
    const back = connectedPeer(local)
    // All that the client says before it hears anything.
    const more = (isResumed ? resume(smIdIn(answer)) : '') + bind(enableResumption)
    const message = tokenMessage('juliet', token)
    const flight =
      header({ more: " from='juliet@localhost'" }) +
      authenticate({ mechanism: unbound, message, agent: phoneId, more: fastElement() + more }) +
      write('romeo@localhost', 'I am back')
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send('<presence/>')
    romeo.takeAll()
    const heard = await back.exchange(flight)
    assert.match(heard, /<success /)
    assert.equal(back.stream.has('bound'), true)
    let said = await romeo.receive()
    while (said && said.child('body') === undefined) said = await romeo.receive()
    assert.equal(said?.child('body')?.text, 'I am back')
    romeo.close()
    back.transport.destroy()
  }
})

test('XEP-0386 §3.2: messages that wait are given once; or left to the archive, where the operator says so', async () => {
  for (const leaveToArchive of [false, true]) {
    await using local = await start({ bind2: { leaveToArchive } })
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send(write('juliet@localhost', 'good morning'))
    const { peer, answer } = await withPassword(local, { more: bind() })
    assert.ok(boundIn(answer)?.child('metadata', 'urn:xmpp:mam:2')?.child('end'))
    assert.equal(/good morning/.test(await peer.exchange('<presence/>')), !leaveToArchive)
    peer.transport.destroy()
    const { peer: again } = await withPassword(local, { agent: tabletId, more: bind() })
    assert.doesNotMatch(await again.exchange('<presence/>'), /good morning/)
  }
})

test('a session cannot be bound twice, by whatever means', async () => {
  await using local = await start()
  const { peer } = await withPassword(local, { more: bind() })
  const old = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
  assert.match(await peer.exchange(old), /<not-allowed /)
})

test('where there is no room for another session, the client is told that it is in, and has none', async () => {
  await using local = await inMemoryServer({ extensions: [bind2], limits: { sessionsPerAccount: 1 } })
  await local.connect('juliet@localhost/one')
  const peer = await opened(local)
  const request = authenticate({
    mechanism: 'PLAIN',
    message: plainMessage('juliet', 'password'),
    agent: phoneId,
    more: bind(),
  })
  const answer = await peer.exchange(request)
  assert.equal(addressIn(answer), 'juliet@localhost')
  assert.equal(boundIn(answer), undefined)
})

test('a token is given together with binding', async () => {
  await using local = await start()
  const token = await givenToken(local)
  assert.match(
    addressIn((await withToken(local, token, { more: bind() })).answer),
    /^juliet@localhost\/Phone\//,
  )
})
