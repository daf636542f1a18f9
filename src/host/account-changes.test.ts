import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  authenticate,
  challengeIn,
  fast as fastElement,
  phoneId,
  plainMessage,
  requestToken,
  response,
  ScramClient,
  tokenIn,
  tokenMessage,
} from '../../test/sasl2.ts'
import { bind, givenToken, opened, sasl2Server, unbound } from '../../test/sasl2-peer.ts'
import { bindRequest, header, plain } from '../../test/stream-peer.ts'
import { bind2 } from '../extensions/bind2/bind2.ts'
import { clientAccess } from '../extensions/client-access/client-access.ts'
import { fast } from '../extensions/fast/fast.ts'
import { jid } from '../jid/jid.ts'
import { AccountChanges, rememberedChanges } from './account-changes.ts'
import { defineExtension } from './extension.ts'
import type { Host } from './host.ts'

const juliet = jid('juliet@localhost')
const expired = /^<failure [^>]*><credentials-expired /
const endedUnauthorized = /<stream:error><not-authorized .*<\/stream:stream>$/

const changes: Readonly<Record<string, (host: Host) => Promise<unknown>>> = {
  'its password has been changed': ({ accounts }) => accounts.setPassword(juliet, 'another'),
  'it has been removed, and somebody else has the name': async ({ accounts }) => {
    await accounts.remove(juliet)
    await accounts.create(juliet, 'another')
  },
}

for (const [what, change] of Object.entries(changes)) {
  test(`who has logged in to an account gets no session if ${what}`, async () => {
    await using local = await sasl2Server([])
    const peer = await opened(local)
    await peer.exchange(plain('juliet', 'secret'))
    await peer.exchange(header())
    await change(local.host)
    assert.match(await peer.exchange(bindRequest('thief')), endedUnauthorized)
    assert.equal(local.host.loaded.get('juliet')?.sessionsByResource.size ?? 0, 0)
  })

  test(`who is in the middle of logging in to an account does not come in if ${what}`, async () => {
    await using local = await sasl2Server([])
    const peer = await opened(local)
    const exchange = new ScramClient({ hash: 'sha256', username: 'juliet', password: 'secret' })
    const begin = authenticate({ mechanism: 'SCRAM-SHA-256', message: exchange.first })
    const final = response(exchange.final(challengeIn(await peer.exchange(begin))))
    await change(local.host)
    assert.match(await peer.exchange(final), expired)
    // With the new one, or another try, it is as ever.
    const again = authenticate({ mechanism: 'PLAIN', message: plainMessage('juliet', 'another') })
    assert.match(await peer.exchange(again), /^<success /)
  })
}

/** Lets a log-in wait between the proof of who it is and what is done for it. */
function gate() {
  const reached = Promise.withResolvers<void>()
  const opening = Promise.withResolvers<undefined>()
  const extension = defineExtension({
    name: 'gate',
    setup(host) {
      host.offerAtLogin({
        advertise: () => undefined,
        run({ user, request }) {
          if (!user.equals(juliet) || !request.child('wait', 'urn:gate')) return undefined
          reached.resolve()
          return opening.promise
        },
      })
    },
  })
  return { extension, reached: reached.promise, open: () => opening.resolve(undefined) }
}

test('who knows only the old password is given no token that goes with the new one (XEP-0484 §4.2)', async () => {
  const { extension, reached, open } = gate()
  await using local = await sasl2Server([clientAccess, extension, fast])
  const peer = await opened(local)
  const message = plainMessage('juliet', 'secret')
  const more = `<wait xmlns='urn:gate'/>${requestToken(unbound)}`
  peer.send(authenticate({ mechanism: 'PLAIN', message, agent: phoneId, more }))
  await reached
  await local.host.accounts.setPassword(juliet, 'another')
  open()
  assert.equal(tokenIn(await peer.read()), undefined)
})

test('a client that is shut out while it logs in gets no session (XEP-0494 §3.2)', async () => {
  const { extension, reached, open } = gate()
  await using local = await sasl2Server([clientAccess, extension, fast, bind2])
  const token = await givenToken(local)
  const peer = await opened(local)
  const message = tokenMessage('juliet', token)
  const more = `${fastElement()}<wait xmlns='urn:gate'/>${bind()}`
  peer.send(authenticate({ mechanism: unbound, message, agent: phoneId, more }))
  await reached
  const owner = await local.connect('juliet@localhost/tablet')
  const clients = await local.host.store.keyValue<Readonly<Record<string, string>>>('clients').get('juliet')
  const [id] = Object.keys(clients ?? {})
  await owner.send(`<iq type='set' id='r'><revoke xmlns='urn:xmpp:cam:0' id='${id}'/></iq>`)
  open()
  assert.match(await peer.read(), endedUnauthorized)
  assert.deepEqual([...(local.host.loaded.get('juliet')?.sessionsByResource.keys() ?? [])], ['tablet'])
})

test('of many changes the oldest are forgotten, and log-ins from before them begin anew', () => {
  const changes = new AccountChanges()
  changes.note('romeo')
  const before = changes.count
  for (let index = 1; index < rememberedChanges; index += 1) changes.note(`other${index}`)
  assert.equal(changes.hasChanged('juliet', before), false)
  assert.equal(changes.hasChanged('juliet', 0), false)
  assert.equal(changes.hasChanged('romeo', 0), true)
  changes.note('one more')
  assert.equal(changes.hasChanged('juliet', 0), true)
  assert.equal(changes.hasChanged('juliet', before), false)
})
