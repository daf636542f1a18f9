import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  authenticate,
  challengeIn,
  elementsIn,
  find,
  phoneId,
  plainMessage,
  response,
  ScramClient,
  saltedPassword,
} from '../../../test/sasl2.ts'
import {
  bindRequest,
  header,
  plain,
  type TestPeer,
  TestServer,
  type TestServerOptions,
} from '../../../test/stream-peer.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ScramHash, ScramKeys } from '../credentials.ts'

const refused = (condition: string) =>
  new RegExp(
    `^<failure xmlns='urn:xmpp:sasl:2'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>`,
  )
const ended = (condition: string) => new RegExp(`<stream:error><${condition} .*</stream:stream>$`)
const inPlain = (password = 'secret', more: Partial<Parameters<typeof authenticate>[0]> = {}) =>
  authenticate({ mechanism: 'PLAIN', message: plainMessage('juliet', password), ...more })

async function open(options: TestServerOptions = {}, { isSecure = true, more = '' } = {}) {
  const server = await TestServer.make(options)
  const peer = server.connect({ isSecure })
  return { server, peer, features: await peer.exchange(header({ more })) }
}

/** A client that has begun with SCRAM, and what it has to say next. */
async function halfway(peer: TestPeer, password = 'secret') {
  const exchange = new ScramClient({ hash: 'sha256', username: 'juliet', password })
  const challenge = await peer.exchange(authenticate({ mechanism: 'SCRAM-SHA-256', message: exchange.first }))
  return {
    exchange,
    serverFirst: challengeIn(challenge),
    final: response(exchange.final(challengeIn(challenge))),
  }
}

test('XEP-0388 §2.1: mechanisms are offered with TLS only', async () => {
  const { features } = await open()
  const mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'].map((name) => `<mechanism>${name}</mechanism>`)
  assert.ok(
    features.includes(`<authentication xmlns='urn:xmpp:sasl:2'>${mechanisms.join('')}</authentication>`),
  )
  const { features: inClear, peer } = await open({ policy: { requiresTls: false } }, { isSecure: false })
  assert.doesNotMatch(inClear, /urn:xmpp:sasl:2/)
  assert.match(await peer.exchange(inPlain()), ended('unsupported-stanza-type'))
})

test('XEP-0388 §2.6.1: success says who it is, features follow, and the stream goes on without a new header', async () => {
  const { peer } = await open()
  const [success, features, ...more] = elementsIn(await peer.exchange(inPlain()))
  assert.equal(success?.child('authorization-identifier')?.text, 'juliet@localhost')
  assert.equal(success?.child('additional-data'), undefined)
  assert.ok(features?.child('bind', 'urn:ietf:params:xml:ns:xmpp-bind'))
  assert.equal(more.length, 0)
  assert.match(await peer.exchange(bindRequest('balcony')), /<jid>juliet@localhost\/balcony<\/jid>/)
})

test('XEP-0388 §2.5: SCRAM, and the server proves itself in the success', async () => {
  const { peer } = await open()
  const { exchange, final } = await halfway(peer)
  const success = find(await peer.exchange(final), 'success')
  assert.equal(
    Buffer.from(success.child('additional-data')?.text ?? '', 'base64').toString(),
    exchange.serverFinal,
  )
})

test('XEP-0388 §2.3: without an initial response the client is asked for one', async () => {
  const { peer } = await open()
  assert.match(
    await peer.exchange(authenticate({ mechanism: 'PLAIN' })),
    /^<challenge xmlns='urn:xmpp:sasl:2'\/>$/,
  )
  assert.match(await peer.exchange(response(plainMessage('juliet', 'secret'))), /^<success /)
})

const failures: Readonly<Record<string, [request: string, condition: string]>> = {
  'a wrong password': [inPlain('wrong'), 'not-authorized'],
  'the authzid of somebody else': [
    authenticate({ mechanism: 'PLAIN', message: plainMessage('juliet', 'secret', 'romeo@localhost') }),
    'invalid-authzid',
  ],
  'a mechanism that is not offered': [
    authenticate({ mechanism: 'SCRAM-SHA-512', message: 'n,,n=juliet,r=x' }),
    'invalid-mechanism',
  ],
  'channel binding where there is none': [
    authenticate({ mechanism: 'SCRAM-SHA-256-PLUS', message: 'p=tls-exporter,,n=juliet,r=x' }),
    'invalid-mechanism',
  ],
  'no mechanism': ["<authenticate xmlns='urn:xmpp:sasl:2'/>", 'invalid-mechanism'],
  'no base64': [
    "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>?</initial-response></authenticate>",
    'incorrect-encoding',
  ],
  'EXTERNAL without a certificate': [
    authenticate({ mechanism: 'EXTERNAL', message: 'juliet@localhost' }),
    'invalid-mechanism',
  ],
  'a response to nothing': [response('x'), 'malformed-request'],
}
for (const [what, [request, condition]] of Object.entries(failures)) {
  test(`XEP-0388 §2.6.2 ${what}: ${condition}, and another try is possible`, async () => {
    const { peer } = await open()
    assert.match(await peer.exchange(request), refused(condition))
    assert.match(await peer.exchange(inPlain()), /^<success /)
  })
}

for (const id of [
  '',
  'phone',
  phoneId.slice(1),
  `${phoneId}0`,
  phoneId.replace('-4749', '-1749'),
  phoneId.replace('d', 'g'),
  "'",
  '{}',
]) {
  test(`XEP-0388 §2.3: the id ${JSON.stringify(id)} of a client is no UUID of version 4`, async () => {
    const { peer } = await open()
    assert.match(
      await peer.exchange(inPlain('secret', { agent: id.replace("'", '&apos;') })),
      refused('malformed-request'),
    )
    assert.equal(peer.stream.user, undefined)
  })
}

const intrusions: Readonly<Record<string, string>> = {
  'a message': '<message/>',
  'an iq': bindRequest('early'),
  'SASL as it was before': plain('juliet', 'secret'),
  'a second beginning': inPlain(),
  'a task that nobody asked for': "<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-512'/>",
  'an unknown element': "<x xmlns='urn:x'/>",
}
for (const [what, intrusion] of Object.entries(intrusions)) {
  test(`XEP-0388 §2.4: ${what} in the middle of logging in ends the stream`, async () => {
    const { peer } = await open()
    await halfway(peer)
    assert.match(await peer.exchange(intrusion), ended('policy-violation'))
    assert.equal(peer.stream.user, undefined)
  })
}

test('XEP-0388 §2.4: white space in the middle of logging in does no harm', async () => {
  const { peer } = await open()
  const { final } = await halfway(peer)
  assert.match(await peer.exchange(`\n ${final}\n`), /^<success /)
})

test('half a log-in as it was before cannot be finished with SASL2', async () => {
  const { peer } = await open()
  const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
  await peer.exchange(`<auth ${sasl} mechanism='SCRAM-SHA-256'>${btoa('n,,n=juliet,r=client')}</auth>`)
  assert.match(await peer.exchange(inPlain()), ended('policy-violation'))
})

test('XEP-0388 §4.8: who is in does not log in again, by either profile', async () => {
  for (const again of [inPlain(), plain('juliet', 'secret')]) {
    const { peer } = await open()
    await peer.exchange(inPlain())
    assert.match(await peer.exchange(again), ended('unsupported-stanza-type'))
  }
})

test('XEP-0388 §4.5: a client may give up, and begin anew', async () => {
  const { peer } = await open()
  const { final } = await halfway(peer)
  assert.match(await peer.exchange("<abort xmlns='urn:xmpp:sasl:2'/>"), refused('aborted'))
  assert.match(await peer.exchange(final), refused('malformed-request'))
  assert.match(await peer.exchange(inPlain()), /^<success /)
})

test('RFC 6120 §6.4.5: attempts are counted over both profiles', async () => {
  const { peer } = await open({ limits: { saslAttempts: 4 } })
  for (const wrong of [inPlain('wrong'), plain('juliet', 'wrong'), inPlain('wrong')])
    await peer.exchange(wrong)
  assert.match(await peer.exchange(plain('juliet', 'wrong')), ended('policy-violation'))
})

test('XEP-0388 §2.3: who says in the header who they are, and are somebody else, are refused', async () => {
  const { peer } = await open({}, { more: " from='romeo@localhost'" })
  assert.match(await peer.exchange(inPlain()), refused('invalid-authzid'))
  const { peer: own } = await open({}, { more: " from='juliet@localhost'" })
  assert.match(await own.exchange(inPlain()), /^<success /)
})

test('a first message of any size is refused, and costs no more than the limit before log-in', async () => {
  const { peer } = await open()
  const huge = authenticate({ mechanism: 'PLAIN', message: plainMessage('juliet', 'x'.repeat(50_000)) })
  assert.match(await peer.exchange(huge), ended('policy-violation'))
})

test('XEP-0474 §5.1: the server signs which mechanisms it has offered, in the profile in use', async () => {
  const { peer } = await open()
  const { serverFirst } = await halfway(peer)
  const list = ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'].join('\x1e')
  assert.equal(/,h=(.+)$/.exec(serverFirst)?.[1], createHash('sha256').update(list).digest('base64'))
})

test('XEP-0474 §5.2: a log-in to which somebody has changed what was offered fails', async () => {
  const { peer } = await open()
  const exchange = new ScramClient({ hash: 'sha256', username: 'juliet', password: 'secret' })
  const challenge = await peer.exchange(authenticate({ mechanism: 'SCRAM-SHA-256', message: exchange.first }))
  const tampered = challengeIn(challenge).replace(
    /,h=.*$/,
    `,h=${createHash('sha256').update('PLAIN').digest('base64')}`,
  )
  assert.match(await peer.exchange(response(exchange.final(tampered))), refused('not-authorized'))
})

/** Lets the accounts of a server have keys for some hashes only. */
function withHashes(server: TestServer, hashes: readonly ScramHash[]): ScramKeys[] {
  const added: ScramKeys[] = []
  Object.assign(server.domain, {
    hashesOf: async (local: string) => (local === 'juliet' ? hashes : undefined),
    addKeys: async (_account: Jid, keys: ScramKeys) => void added.push(keys),
  })
  return added
}

async function openAs(server: TestServer, from: string) {
  const peer = server.connect()
  return { peer, features: await peer.exchange(header({ more: ` from='${from}'` })) }
}

const upgrade = "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>"

test('XEP-0388 §2.1: who says who they are is offered what they have keys for; who does not exist looks like a new account', async () => {
  const server = await TestServer.make()
  withHashes(server, ['sha-1', 'sha-256'])
  const { features } = await openAs(server, 'juliet@localhost')
  assert.doesNotMatch(features, /<mechanism>SCRAM-SHA-512/)
  assert.ok(features.includes(`${upgrade}</authentication>`))
  assert.match((await openAs(server, 'nobody@localhost')).features, /<mechanism>SCRAM-SHA-512<\/mechanism>/)
  assert.doesNotMatch((await openAs(server, 'nobody@localhost')).features, /UPGR/)
  withHashes(server, ['sha-1', 'sha-256', 'sha-512'])
  assert.match((await openAs(server, 'juliet@localhost')).features, /<mechanism>SCRAM-SHA-512<\/mechanism>/)
})

test('XEP-0480 §3: a client that has shown the password makes keys of it for a hash that the account has none for', async () => {
  const server = await TestServer.make()
  const added = withHashes(server, ['sha-1', 'sha-256'])
  const { peer } = await openAs(server, 'juliet@localhost')
  const going = await peer.exchange(inPlain('secret', { more: upgrade }))
  assert.equal(find(going, 'continue').child('tasks')?.child('task')?.text, 'UPGR-SCRAM-SHA-512')
  assert.equal(peer.stream.user, undefined)
  const data = find(
    await peer.exchange("<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-512'/>"),
    'task-data',
  )
  const salt = data.child('salt', 'urn:xmpp:scram-upgrade:0')
  const salted = saltedPassword('sha512', 'secret', salt?.text ?? '', Number(salt?.attribute('iterations')))
  const hash = `<hash xmlns='urn:xmpp:scram-upgrade:0'>${salted.toString('base64')}</hash>`
  assert.match(await peer.exchange(`<task-data xmlns='urn:xmpp:sasl:2'>${hash}</task-data>`), /^<success /)
  server.domain.put('juliet', added[0] as ScramKeys)
  withHashes(server, ['sha-1', 'sha-256', 'sha-512'])
  const { peer: again } = await openAs(server, 'juliet@localhost')
  const exchange = new ScramClient({ hash: 'sha512', username: 'juliet', password: 'secret' })
  const challenge = challengeIn(
    await again.exchange(authenticate({ mechanism: 'SCRAM-SHA-512', message: exchange.first })),
  )
  assert.match(await again.exchange(response(exchange.final(challenge))), /^<success /)
})

test('XEP-0388 §2.6.3, XEP-0386 §3.2, XEP-0484 §3.3: what was asked for besides is done once the tasks are, and not before', async () => {
  const server = await TestServer.make()
  withHashes(server, ['sha-1', 'sha-256'])
  let runs = 0
  const run = async () => {
    runs += 1
  }
  const step = { advertise: () => undefined, run }
  Object.assign(server.domain, { loginSteps: [step] })
  const { peer } = await openAs(server, 'juliet@localhost')
  assert.match(await peer.exchange(inPlain('secret', { more: upgrade })), /^<continue /)
  const next = await peer.exchange("<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-512'/>")
  assert.equal(runs, 0)
  const salt = find(next, 'task-data').child('salt', 'urn:xmpp:scram-upgrade:0')
  const salted = saltedPassword('sha512', 'secret', salt?.text ?? '', Number(salt?.attribute('iterations')))
  const hash = `<hash xmlns='urn:xmpp:scram-upgrade:0'>${salted.toString('base64')}</hash>`
  assert.match(await peer.exchange(`<task-data xmlns='urn:xmpp:sasl:2'>${hash}</task-data>`), /^<success /)
  assert.equal(runs, 1)
})

const badTasks: Readonly<Record<string, string>> = {
  'a hash of another length':
    "<task-data xmlns='urn:xmpp:sasl:2'><hash xmlns='urn:xmpp:scram-upgrade:0'>AAAA</hash></task-data>",
  'no hash': "<task-data xmlns='urn:xmpp:sasl:2'/>",
}
for (const [what, taskData] of Object.entries(badTasks)) {
  test(`XEP-0480 §3: ${what} is refused, and nobody is in`, async () => {
    const server = await TestServer.make()
    const added = withHashes(server, ['sha-1', 'sha-256'])
    const { peer } = await openAs(server, 'juliet@localhost')
    await peer.exchange(inPlain('secret', { more: upgrade }))
    await peer.exchange("<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-512'/>")
    assert.match(await peer.exchange(taskData), refused('malformed-request'))
    assert.equal(peer.stream.user, undefined)
    assert.equal(added.length, 0)
  })
}

test('XEP-0480 §2.2: a task cannot be skipped, nor done in place of logging in', async () => {
  const server = await TestServer.make()
  const added = withHashes(server, ['sha-1', 'sha-256'])
  for (const skip of [
    bindRequest('x'),
    "<next xmlns='urn:xmpp:sasl:2' task='OTHER'/>",
    "<task-data xmlns='urn:xmpp:sasl:2'/>",
  ]) {
    const { peer } = await openAs(server, 'juliet@localhost')
    await peer.exchange(inPlain('secret', { more: upgrade }))
    assert.match(await peer.exchange(skip), ended('policy-violation'))
  }
  const { peer } = await openAs(server, 'juliet@localhost')
  assert.match(await peer.exchange(inPlain('wrong', { more: upgrade })), refused('not-authorized'))
  assert.equal(added.length, 0)
})

test('what goes wrong on our side when somebody is in already ends the stream instead of leaving them waiting', async () => {
  const { server, peer } = await open()
  const run = () => Promise.reject(new Error('a fault'))
  server.domain.loginSteps.push({ advertise: () => undefined, run })
  assert.match(await peer.exchange(inPlain()), ended('internal-server-error'))
  assert.ok(server.log.entries.some(({ level, event }) => level === 'error' && event === 'stream-failed'))
})

test('what is sent to a client while it is being let in comes behind the success', async () => {
  const { server, peer } = await open()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server.domain.loginSteps.push({
    advertise: () => undefined,
    run({ stream }) {
      stream.send('<message/>')
      return promise
    },
  })
  peer.send(inPlain())
  assert.equal(await peer.settled(), '')
  resolve(undefined)
  assert.match(await peer.read(), /^<success .*<\/success><stream:features>.*<\/stream:features><message\/>$/)
})

/** A client that is sent so many messages of a hundred bytes while it is being let in. */
async function sentMeanwhile(count: number, limits = {}): Promise<string> {
  const { server, peer } = await open({ limits })
  server.domain.loginSteps.push({
    advertise: () => undefined,
    async run({ stream }) {
      for (let index = 0; index < count; index += 1) stream.send('<message/>', Buffer.alloc(90, ' '))
      return undefined
    },
  })
  return peer.exchange(inPlain())
}

test('as much as a session may miss comes behind the success (XEP-0198 §9.2)', async () => {
  const came = await sentMeanwhile(2000)
  assert.match(came, /^<success /)
  assert.equal(came.split('<message/>').length - 1, 2000)
})

test('more than may wait for a client that is being let in ends its stream', async () => {
  assert.match(await sentMeanwhile(50, { outputLimitBytes: 5000 }), ended('resource-constraint'))
})
