import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  authenticate,
  fast as fastElement,
  find,
  phoneId,
  plainMessage,
  requestToken,
  tabletId,
  tokenAnswer,
  tokenIn,
  tokenMessage,
} from '../../../test/sasl2.ts'
import {
  givenToken,
  opened,
  sasl2Server,
  unbound,
  withPassword,
  withToken,
} from '../../../test/sasl2-peer.ts'
import { jid } from '../../jid/jid.ts'
import { fast } from './fast.ts'

const dayMs = 86_400_000
const start = (options = {}) => sasl2Server([fast], { fast: options })
const refused = (condition: string) => new RegExp(`^<failure [^>]*><${condition} `)
const juliet = jid('juliet@localhost')

test('XEP-0484 §3.1: it is offered inside of SASL2, and nowhere else', async () => {
  await using local = await start()
  const { features } = await opened(local)
  assert.match(
    features,
    new RegExp(`<inline><fast xmlns='urn:xmpp:fast:0'><mechanism>${unbound}</mechanism></fast>`),
  )
  assert.equal(features.split('HT-SHA-256').length, 2)
})

test('XEP-0484 §3.3, §3.4: who asks for a token is given one, and logs in with it; the server proves itself too', async () => {
  await using local = await start()
  const { answer } = await withPassword(local, { more: requestToken(unbound) })
  const given = tokenIn(answer)
  assert.equal(given?.expiry, '2026-01-31T00:00:00Z')
  const token = given?.token ?? ''
  const { answer: success, peer } = await withToken(local, token)
  assert.equal(find(success, 'success').child('additional-data')?.text, tokenAnswer(token))
  assert.equal(find(success, 'success').child('authorization-identifier')?.text, 'juliet@localhost')
  assert.equal(peer.stream.user?.toString(), 'juliet@localhost')
})

test('XEP-0484 §4.1: no token without an id of the client, for a mechanism that is not offered, or after a failure', async () => {
  await using local = await start()
  const peer = await opened(local)
  const begin = (password: string, more: string, agent?: string) =>
    peer.exchange(
      authenticate({
        mechanism: 'PLAIN',
        message: plainMessage('juliet', password),
        more,
        ...(agent && { agent }),
      }),
    )
  assert.doesNotMatch(await begin('wrong', requestToken(unbound), phoneId), /<token/)
  assert.equal(tokenIn(await begin('secret', requestToken(unbound))), undefined)
  const { answer } = await withPassword(local, { more: requestToken('HT-SHA-256-UNIQ') })
  assert.equal(tokenIn(answer), undefined)
})

test('what the server keeps does not suffice to make a token', async () => {
  await using local = await start()
  const token = await givenToken(local)
  const kept = JSON.stringify(await local.host.store.keyValue('clients').get('juliet'))
  assert.doesNotMatch(kept, new RegExp(token))
  assert.doesNotMatch(kept, new RegExp(phoneId))
})

const attacks: Readonly<Record<string, Parameters<typeof withToken>[2]>> = {
  'by another client of the same account': { agent: tabletId },
  'as somebody else': { username: 'romeo' },
  'as nobody': { username: 'nobody' },
}
for (const [what, how] of Object.entries(attacks)) {
  test(`a token is worth nothing when it is shown ${what}`, async () => {
    await using local = await start()
    const token = await givenToken(local)
    assert.match((await withToken(local, token, how)).answer, refused('not-authorized'))
  })
}

test('a token that was never given is worth nothing', async () => {
  await using local = await start()
  await givenToken(local)
  assert.match((await withToken(local, 'guess')).answer, refused('not-authorized'))
})

test('XEP-0484 §3.4: a token is no password, and its mechanism is only for those who say that they bring one', async () => {
  await using local = await start()
  const token = await givenToken(local)
  const peer = await opened(local)
  const asPassword = authenticate({
    mechanism: 'PLAIN',
    message: plainMessage('juliet', token),
    agent: phoneId,
  })
  assert.match(await peer.exchange(asPassword), refused('not-authorized'))
  const message = tokenMessage('juliet', token)
  const silent = authenticate({ mechanism: unbound, message, agent: phoneId })
  assert.match(await peer.exchange(silent), refused('invalid-mechanism'))
  const inSasl1 = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${unbound}'>${message.toString('base64')}</auth>`
  assert.match(await peer.exchange(inSasl1), /<failure [^>]*><invalid-mechanism\/>/)
})

test('XEP-0484 §4.2: a token that has expired is refused as such', async () => {
  await using local = await start({ validDays: 2 })
  const token = await givenToken(local)
  local.clock.advance(2 * dayMs - 1)
  assert.match((await withToken(local, token)).answer, /^<success /)
  local.clock.advance(1)
  assert.match((await withToken(local, token)).answer, refused('credentials-expired'))
})

test('XEP-0484 §3.5: a token that is used is replaced when it is old, and holds until the new one is used', async () => {
  await using local = await start({ rotateDays: 1 })
  const first = await givenToken(local)
  assert.equal(tokenIn((await withToken(local, first)).answer), undefined)
  local.clock.advance(dayMs)
  const second = tokenIn((await withToken(local, first)).answer)?.token ?? ''
  assert.notEqual(second, '')
  // The answer may have been lost: the first is still good, and another one takes the place of what was not used.
  const third = tokenIn((await withToken(local, first)).answer)?.token ?? ''
  assert.match((await withToken(local, second)).answer, refused('not-authorized'))
  assert.match((await withToken(local, third)).answer, /^<success /)
  assert.match((await withToken(local, first)).answer, refused('not-authorized'))
  assert.match((await withToken(local, third)).answer, /^<success /)
})

test('XEP-0484 §3.6: a client that logs out takes its token with it', async () => {
  for (const value of ['true', '1']) {
    await using local = await start({ rotateDays: 0 })
    const token = await givenToken(local)
    const { answer } = await withToken(local, token, { attributes: ` invalidate='${value}'` })
    assert.match(answer, /^<success /)
    assert.equal(tokenIn(answer), undefined)
    assert.match((await withToken(local, token)).answer, refused('not-authorized'))
  }
})

test('XEP-0484 §3.6: unless it asks for another one', async () => {
  await using local = await start()
  const token = await givenToken(local)
  const how = { attributes: " invalidate='true'", more: requestToken(unbound) }
  const next = tokenIn((await withToken(local, token, how)).answer)?.token ?? ''
  assert.match((await withToken(local, token)).answer, refused('not-authorized'))
  assert.match((await withToken(local, next)).answer, /^<success /)
})

test('XEP-0484 §3.4: where a client counts, what was overheard cannot be played again', async () => {
  await using local = await start()
  const token = await givenToken(local)
  const use = async (count: string) =>
    (await withToken(local, token, { attributes: ` count='${count}'` })).answer
  assert.match(await use('7'), /^<success /)
  assert.match(await use('7'), refused('not-authorized'))
  assert.match(await use('6'), refused('not-authorized'))
  assert.match(await use('8'), /^<success /)
  assert.match((await withToken(local, token)).answer, refused('not-authorized'))
  for (const wrong of ['-1', 'x', '', '1.5', '9'.repeat(16)])
    assert.match(await use(wrong), refused('malformed-request'))
})

test('the same count twice at once lets one in', async () => {
  await using local = await start()
  const token = await givenToken(local)
  const both = await Promise.all([1, 2].map(() => withToken(local, token, { attributes: " count='1'" })))
  assert.deepEqual(both.map(({ answer }) => answer.startsWith('<success')).sort(), [false, true])
})

test('who changes the password is rid of all tokens', async () => {
  await using local = await start()
  const token = await givenToken(local)
  await local.host.accounts.setPassword(juliet, 'another')
  assert.match((await withToken(local, token)).answer, refused('credentials-expired'))
})

test('who changes it elsewhere, where an embedding app keeps it, is rid of them too', async () => {
  await using local = await start()
  const token = await givenToken(local)
  assert.equal(await local.host.accounts.notePasswordChange(juliet), true)
  assert.equal(await local.host.accounts.notePasswordChange(jid('nobody@localhost')), false)
  assert.match((await withToken(local, token)).answer, refused('credentials-expired'))
  const next = await givenToken(local)
  assert.match((await withToken(local, next)).answer, /^<success /)
  await local.host.accounts.setPassword(juliet, 'another')
  assert.match((await withToken(local, next)).answer, refused('credentials-expired'))
})

test('an account that takes the name of one that was removed has nothing of its tokens', async () => {
  await using local = await start()
  const token = await givenToken(local)
  await local.host.accounts.remove(juliet)
  assert.match((await withToken(local, token)).answer, refused('not-authorized'))
  await local.host.accounts.create(juliet, 'secret')
  assert.match((await withToken(local, token)).answer, refused('not-authorized'))
})

test('failures with tokens shut nobody out who has one: they cannot be guessed', async () => {
  await using local = await start()
  const token = await givenToken(local)
  for (let attempt = 0; attempt < 30; attempt += 1) await withToken(local, 'guess')
  assert.match((await withToken(local, token)).answer, /^<success /)
})

const malformed: Readonly<Record<string, Buffer>> = {
  'nothing at all': Buffer.alloc(0),
  'a name alone': Buffer.from('juliet'),
  'no hash': Buffer.from('juliet\0'),
  'a hash that is too short': Buffer.concat([Buffer.from('juliet\0'), Buffer.alloc(31)]),
  'a hash that is too long': Buffer.concat([Buffer.from('juliet\0'), Buffer.alloc(33)]),
  'no name': Buffer.concat([Buffer.from('\0'), Buffer.alloc(32)]),
  'a name that is no UTF-8': Buffer.concat([Buffer.from([0xff, 0]), Buffer.alloc(32)]),
}
for (const [what, message] of Object.entries(malformed)) {
  test(`draft-ietf-kitten-sasl-ht §3.1: ${what} is malformed`, async () => {
    await using local = await start()
    const peer = await opened(local)
    const request = authenticate({ mechanism: unbound, message, agent: phoneId, more: fastElement() })
    assert.match(await peer.exchange(request), refused('malformed-request'))
  })
}

test('XEP-0484 §4.1: a token without the id of the client is malformed', async () => {
  await using local = await start()
  const token = await givenToken(local)
  const peer = await opened(local)
  const request = authenticate({
    mechanism: unbound,
    message: tokenMessage('juliet', token),
    more: fastElement(),
  })
  assert.match(await peer.exchange(request), refused('malformed-request'))
})
