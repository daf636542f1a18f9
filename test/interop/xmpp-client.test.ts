// A client that others have written, @xmpp/client, with Balcony as a process of its own: it checks the certificate,
// logs in with SCRAM, and talks in a room that a password protects.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, type TestContext, test } from 'node:test'
import { setDefaultCACertificates } from 'node:tls'
import { xml } from '@xmpp/client'
import { BalconyProcess, emptyFolder } from '../fixtures/balcony-process.ts'
import { Person } from './person.ts'
import { itemsIn, publish } from './published.ts'

const room = 'balcony@rooms.localhost'
const mucNamespace = 'http://jabber.org/protocol/muc'
const mucUserNamespace = `${mucNamespace}#user`
const accounts = { romeo: 'wherefore', juliet: 'deny thy father' }

interface Running {
  readonly server: BalconyProcess
  readonly port: number
  readonly tlsPort: number
}

async function started(test: TestContext, folder: string, port = 0): Promise<Running> {
  const settings = Object.entries(accounts).flatMap(([name, password]) => [
    '--set',
    `accounts.${name}=${password}`,
  ])
  const web = ['--https-port', 'false', '--http-port', 'false']
  const words = ['start', '--port', `${port}`, '--tls-port', '0', ...web, ...settings]
  const server = new BalconyProcess(test, words, { folder, environment: { BALCONY_LOG_FORMAT: 'json' } })
  const [chosen = 0, tlsPort = 0] = await server.ports()
  // Trusted as by a person who has compared the fingerprint.
  const certificate = readFileSync(join(folder, 'data/certificates/localhost.crt'), 'utf8')
  setDefaultCACertificates([certificate])
  return { server, port: chosen, tlsPort }
}

async function online(name: keyof typeof accounts, service: string): Promise<Person> {
  const person = new Person({ service, username: name, password: accounts[name], resource: 'library' })
  try {
    // XEP-0386 §3.2.1: what it calls its resource is what the resource begins with.
    assert.match((await person.xmpp.start()).toString(), new RegExp(`^${name}@localhost/library/.`))
    return person
  } catch (error) {
    // It would go on trying.
    await person[Symbol.asyncDispose]()
    throw error
  }
}

function enter(person: Person, nick: string, password?: string): Promise<void> {
  const secret = password === undefined ? undefined : xml('password', {}, password)
  return person.xmpp.send(
    xml('presence', { to: `${room}/${nick}` }, xml('x', { xmlns: mucNamespace }, secret)),
  )
}

const hasStatus = (code: string) => (stanza: ReturnType<typeof xml>) =>
  stanza
    .getChild('x', mucUserNamespace)
    ?.getChildren('status')
    .some(({ attrs }) => attrs.code === code) ?? false

describe('@xmpp/client', { concurrency: false }, () => {
  before(() => {
    // One of its ways to look away from certificates; here they have to be right.
    assert.notEqual(process.env.NODE_TLS_REJECT_UNAUTHORIZED, '0')
  })

  test('logs in over STARTTLS with SCRAM (RFC 6120 §5, RFC 5802), has a roster, pings', async (t) => {
    const { port } = await started(t, emptyFolder(t))
    await using romeo = await online('romeo', `xmpp://localhost:${port}`)
    assert.equal(romeo.sent.at(0)?.name, 'starttls')
    assert.deepEqual(romeo.mechanisms, ['SCRAM-SHA-1'])

    // XEP-0388: in one go, with a resource (XEP-0386) and stream management.
    const authenticated = romeo.sent.find(({ name }) => name === 'authenticate')
    assert.ok(authenticated?.getChild('bind', 'urn:xmpp:bind:0')?.getChild('enable', 'urn:xmpp:sm:3'))

    const { iqCaller } = romeo.xmpp
    await iqCaller.get(xml('ping', { xmlns: 'urn:xmpp:ping' }), 'localhost')
    const roster = () => iqCaller.get(xml('query', { xmlns: 'jabber:iq:roster' }))
    assert.deepEqual((await roster())?.getChildren('item'), [])
    const item = xml('item', { jid: 'juliet@localhost', name: 'Juliet' }, xml('group', {}, 'Capulets'))
    await iqCaller.set(xml('query', { xmlns: 'jabber:iq:roster' }, item))
    const kept = (await roster())?.getChild('item')
    assert.equal(kept?.attrs.jid, 'juliet@localhost')
    assert.equal(kept?.attrs.name, 'Juliet')
    assert.equal(kept?.getChildText('group'), 'Capulets')
    assert.deepEqual(romeo.errors, [])
  })

  test('is told not-authorized for a wrong password (RFC 6120 §6.5.10)', async (t) => {
    const { port } = await started(t, emptyFolder(t))
    const service = `xmpp://localhost:${port}`
    await using person = new Person({ service, username: 'romeo', password: 'wrong' })
    await assert.rejects(person.xmpp.start(), { name: 'SASLError', condition: 'not-authorized' })
    assert.deepEqual(person.mechanisms, ['SCRAM-SHA-1'])
  })

  test('logs in over direct TLS (XEP-0368), and messages reach it there', async (t) => {
    const { port, tlsPort } = await started(t, emptyFolder(t))
    await using juliet = await online('juliet', `xmpps://localhost:${tlsPort}`)
    assert.equal(juliet.xmpp.isSecure(), true)
    assert.equal(
      juliet.sent.some(({ name }) => name === 'starttls'),
      false,
    )
    await using romeo = await online('romeo', `xmpp://localhost:${port}`)
    const words = 'It is the east, and Juliet is the sun! <&> \u{1f31e}'
    await romeo.xmpp.send(xml('message', { to: `${juliet.xmpp.jid}`, type: 'chat' }, xml('body', {}, words)))
    const message = await juliet.receive('the message', (stanza) => stanza.is('message'))
    assert.equal(message.attrs.from, `${romeo.xmpp.jid}`)
    assert.equal(message.getChildText('body'), words)
  })

  test('opens a room, protects it with a password, and talks there with those who know it (XEP-0045 §7.2.5)', async (t) => {
    const { port, tlsPort } = await started(t, emptyFolder(t))
    await using romeo = await online('romeo', `xmpp://localhost:${port}`)
    await enter(romeo, 'Romeo')
    await romeo.receive('the presence of who made the room', hasStatus('201'))
    const secret = xml('field', { var: 'muc#roomconfig_roomsecret' }, xml('value', {}, 'sesame'))
    const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, secret)
    await romeo.xmpp.iqCaller.set(xml('query', { xmlns: `${mucNamespace}#owner` }, form), room)

    await using juliet = await online('juliet', `xmpps://localhost:${tlsPort}`)
    for (const password of [undefined, 'simsim']) {
      await enter(juliet, 'Juliet', password)
      const refusal = await juliet.receive('the refusal', ({ attrs }) => attrs.type === 'error')
      const error = refusal.getChild('error')
      assert.equal(error?.attrs.type, 'auth')
      assert.ok(error?.getChild('not-authorized', 'urn:ietf:params:xml:ns:xmpp-stanzas'))
    }
    await enter(juliet, 'Juliet', 'sesame')
    await juliet.receive('her own presence', hasStatus('110'))
    await romeo.receive('her presence', ({ attrs }) => attrs.from === `${room}/Juliet`)

    for (const [speaker, nick] of [
      [romeo, 'Romeo'],
      [juliet, 'Juliet'],
    ] as const) {
      const body = `${nick} speaks`
      await speaker.xmpp.send(
        xml('message', { to: room, type: 'groupchat', id: nick }, xml('body', {}, body)),
      )
      for (const listener of [romeo, juliet]) {
        const heard = await listener.receive(body, (stanza) => stanza.getChildText('body') === body)
        assert.equal(heard.attrs.from, `${room}/${nick}`)
        assert.equal(heard.attrs.id, nick)
      }
    }
  })

  test('is back in its session after a restart of the server (XEP-0198 §5), with its roster', async (t) => {
    const folder = emptyFolder(t)
    const first = await started(t, folder)
    await using romeo = await online('romeo', `xmpp://localhost:${first.port}`)
    const item = xml('item', { jid: 'juliet@localhost', name: 'Juliet' })
    await romeo.xmpp.iqCaller.set(xml('query', { xmlns: 'jabber:iq:roster' }, item))
    const gone = new Promise((resolve) => romeo.xmpp.once('disconnect', resolve))
    first.server.kill('SIGTERM')
    assert.equal((await first.server.ended()).code, 0)
    await gone
    // It tries again every second, so others may have followed.
    assert.equal((romeo.errors[0] as { condition?: string } | undefined)?.condition, 'system-shutdown')

    const back = new Promise((resolve) => romeo.xmpp.streamManagement.once('resumed', resolve))
    await started(t, folder, first.port)
    await back
    // XEP-0484: with the token that it was given before, together with coming back (XEP-0198 §9.2).
    assert.deepEqual(romeo.mechanisms, ['SCRAM-SHA-1', 'HT-SHA-256-NONE'])
    assert.ok(romeo.sent.findLast(({ name }) => name === 'authenticate')?.getChild('resume', 'urn:xmpp:sm:3'))
    const roster = await romeo.xmpp.iqCaller.get(xml('query', { xmlns: 'jabber:iq:roster' }))
    assert.equal(roster?.getChild('item')?.attrs.jid, 'juliet@localhost')
  })

  test('publishes an avatar, a bookmark and a device list, and another account reads what it may (XEP-0084, 0402, 0384)', async (t) => {
    const { port } = await started(t, emptyFolder(t))
    await using juliet = await online('juliet', `xmpp://localhost:${port}`)
    await using romeo = await online('romeo', `xmpp://localhost:${port}`)
    const avatar = Buffer.alloc(30_000, 'picture').toString('base64')
    await publish(juliet, {
      node: 'urn:xmpp:avatar:data',
      id: 'hash',
      payload: xml('data', { xmlns: 'urn:xmpp:avatar:data' }, avatar),
      model: 'open',
    })
    const conference = xml('conference', { xmlns: 'urn:xmpp:bookmarks:1', autojoin: 'true' })
    await publish(juliet, { node: 'urn:xmpp:bookmarks:1', id: room, payload: conference, model: 'whitelist' })
    const devices = xml('devices', { xmlns: 'urn:xmpp:omemo:2' }, xml('device', { id: '1' }))
    const node = 'urn:xmpp:omemo:2:devices'
    await publish(juliet, { node, id: 'current', payload: devices, model: 'open' })

    const [seen] = await itemsIn(romeo, 'urn:xmpp:avatar:data', 'juliet@localhost')
    assert.equal(seen?.getChildText('data', 'urn:xmpp:avatar:data'), avatar)
    const [list] = await itemsIn(romeo, node, 'juliet@localhost')
    assert.equal(list?.getChild('devices', 'urn:xmpp:omemo:2')?.getChild('device')?.attrs.id, '1')
    assert.equal((await itemsIn(juliet, 'urn:xmpp:bookmarks:1'))[0]?.attrs.id, room)
    const curious = itemsIn(romeo, 'urn:xmpp:bookmarks:1', 'juliet@localhost')
    await assert.rejects(curious, { name: 'StanzaError', condition: 'not-allowed' })
  })
})
