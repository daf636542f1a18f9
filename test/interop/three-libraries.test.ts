// Three client libraries by three others, @xmpp/client, stanza and slixmpp, in the same rooms: what one does, the others see.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setDefaultCACertificates } from 'node:tls'
import { xml } from '@xmpp/client'
import { type Agent, createClient } from 'stanza'
import { BalconyProcess, emptyFolder } from '../fixtures/balcony-process.ts'
import { Person } from './person.ts'
import { findSlixmpp, SlixmppPerson, type Told } from './slixmpp-person.ts'

const slixmpp = findSlixmpp()
const skip = 'reason' in slixmpp ? `no slixmpp here: ${slixmpp.reason}` : false

const muc = 'http://jabber.org/protocol/muc'
const mamNamespace = 'urn:xmpp:mam:2'
const accounts = { romeo: 'wherefore', juliet: 'deny thy father', nurse: 'anon' }
const patienceMs = 30_000

interface People {
  readonly romeo: Person
  readonly juliet: Agent
  readonly nurse: SlixmppPerson
}

/** A server with everybody online, each by another library and another way: STARTTLS, WebSocket, STARTTLS. */
async function online(t: TestContext, stack: AsyncDisposableStack): Promise<People> {
  const folder = emptyFolder(t)
  const settings = Object.entries(accounts).map(([name, password]) => `accounts.${name}=${password}`)
  const words = ['start', '--port', '0', '--tls-port', 'false', '--https-port', 'false', '--http-port', '0']
  const server = new BalconyProcess(t, [...words, ...settings.flatMap((setting) => ['--set', setting])], {
    folder,
    environment: { BALCONY_LOG_FORMAT: 'json' },
  })
  const [port = 0, httpPort = 0] = await server.ports()
  const certificate = join(folder, 'data/certificates/localhost.crt')
  setDefaultCACertificates([readFileSync(certificate, 'utf8')])
  const service = `xmpp://localhost:${port}`
  const romeo = stack.use(new Person({ service, username: 'romeo', password: accounts.romeo }))
  await romeo.xmpp.start()
  await romeo.xmpp.send(xml('presence'))
  const juliet = createClient({
    jid: 'juliet@localhost',
    password: accounts.juliet,
    autoReconnect: false,
    // Seconds, for which its timers hold up the end of the process too.
    timeout: 10,
    transports: { websocket: `ws://localhost:${httpPort}/xmpp-websocket`, bosh: false },
  })
  stack.defer(() => juliet.disconnect())
  await new Promise<void>((resolve, reject) => {
    juliet.on('session:started', () => resolve())
    juliet.on('auth:failed', () => reject(new Error('stanza could not log in')))
    juliet.connect()
  })
  juliet.sendPresence()
  const login = { jid: 'nurse@localhost', password: accounts.nurse, port, certificate }
  const nurse = stack.use(await SlixmppPerson.online(login))
  return { romeo, juliet, nurse }
}

/** The next event of stanza that is `wanted`; ask before what causes it. */
function next<Event>(juliet: Agent, name: string, wanted: (event: Event) => boolean): Promise<Event> {
  const { promise, resolve, reject } = Promise.withResolvers<Event>()
  const look = (event: Event) => {
    if (wanted(event)) resolve(event)
  }
  juliet.on(name as 'groupchat', look as never)
  const timer = setTimeout(() => reject(new Error(`stanza did not tell ${name}`)), patienceMs)
  return promise.finally(() => {
    clearTimeout(timer)
    juliet.off(name as 'groupchat', look as never)
  })
}

const enter = (romeo: Person, room: string, password?: string) =>
  romeo.xmpp.send(
    xml(
      'presence',
      { to: `${room}/Romeo` },
      xml('x', { xmlns: muc }, password === undefined ? undefined : xml('password', {}, password)),
    ),
  )

const codesOf = (stanza: ReturnType<typeof xml>) =>
  stanza
    .getChild('x', `${muc}#user`)
    ?.getChildren('status')
    .map(({ attrs }) => attrs.code) ?? []

/** Romeo's own presence from a room, with a status code. */
const own = (romeo: Person, room: string, code = '110') =>
  romeo.receive(
    `${code} of ${room}`,
    (stanza) => stanza.attrs.from === `${room}/Romeo` && codesOf(stanza).includes(code),
  )

const refusalFor = (romeo: Person) =>
  romeo.receive('a refusal', (stanza) => stanza.is('presence') && stanza.attrs.type === 'error')

function configure(romeo: Person, room: string, fields: Readonly<Record<string, string>>) {
  const inside = Object.entries(fields).map(([name, value]) =>
    xml('field', { var: `muc#roomconfig_${name}` }, xml('value', {}, value)),
  )
  const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, ...inside)
  return romeo.xmpp.iqCaller.set(xml('query', { xmlns: `${muc}#owner` }, form), room)
}

/** Says something by one library, and waits until all three have heard it. */
async function everybodyHears(people: People, room: string, body: string, say: () => unknown): Promise<void> {
  const heard = next<{ body?: string; from: string }>(
    people.juliet,
    'groupchat',
    (said) => said.body === body,
  )
  await say()
  const stanza = await people.romeo.receive(body, (came) => came.getChildText('body') === body)
  const told = await people.nurse.receive(body, (came) => came.event === 'message' && came.body === body)
  assert.deepEqual(new Set([stanza.attrs.from, told.source, (await heard).from]).size, 1, `${room}: ${body}`)
}

async function passwordRoom({ romeo, juliet, nurse, ...rest }: People, room: string): Promise<void> {
  const people = { romeo, juliet, nurse, ...rest }
  await enter(romeo, room)
  await own(romeo, room, '201')
  await configure(romeo, room, { roomsecret: 'sesame', enablearchiving: '1' })
  await assert.rejects(juliet.joinRoom(room, 'Juliet'), (refusal: { error?: { condition?: string } }) => {
    return refusal.error?.condition === 'not-authorized'
  })
  assert.equal((await nurse.tell('join', room, 'Nurse', 'simsim')).error, 'not-authorized')
  await juliet.joinRoom(room, 'Juliet', { muc: { type: 'join', password: 'sesame' } } as never)
  assert.deepEqual((await nurse.tell('join', room, 'Nurse', 'sesame')).result, [110, 170])
  const message = (body: string) => xml('message', { to: room, type: 'groupchat' }, xml('body', {}, body))
  for (const round of [1, 2]) {
    await everybodyHears(people, room, `Romeo ${round}`, () => romeo.xmpp.send(message(`Romeo ${round}`)))
    await everybodyHears(people, room, `Juliet ${round}`, () =>
      juliet.sendMessage({ to: room, type: 'groupchat', body: `Juliet ${round}` }),
    )
    await everybodyHears(people, room, `Nurse ${round}`, () => nurse.tell('say', room, `Nurse ${round}`))
  }
}

async function membersOnlyRoom({ romeo, juliet, nurse }: People, room: string): Promise<void> {
  await juliet.joinRoom(room, 'Juliet')
  await juliet.configureRoom(room, {
    type: 'submit',
    fields: [{ name: 'muc#roomconfig_membersonly', type: 'boolean', value: true }],
  })
  await enter(romeo, room)
  const refusal = await refusalFor(romeo)
  assert.ok(
    refusal.getChild('error')?.getChild('registration-required', 'urn:ietf:params:xml:ns:xmpp-stanzas'),
  )
  await juliet.setRoomAffiliation(room, 'romeo@localhost', 'member')
  await romeo.receive(
    'the invitation of a new member',
    (stanza) => stanza.getChild('x', `${muc}#user`)?.getChild('invite') !== undefined,
  )
  await enter(romeo, room)
  await own(romeo, room)
  juliet.invite(room, { to: 'nurse@localhost', reason: 'Come' })
  await nurse.receive('the invitation', ({ event, source }) => event === 'invite' && source === room)
  assert.deepEqual((await nurse.tell('join', room, 'Nurse')).result, [110])
  await juliet.setRoomAffiliation(room, 'romeo@localhost', 'none')
  await own(romeo, room, '321')
  const seen = (told: Told) => told.source === `${room}/Romeo` && told.type === 'unavailable'
  assert.deepEqual((await nurse.receive('that Romeo is gone', seen)).codes, [321])
}

async function moderatedRoom({ romeo, juliet, nurse }: People, room: string): Promise<void> {
  assert.deepEqual((await nurse.tell('join', room, 'Nurse')).result, [110, 201])
  await nurse.tell('configure', room, { 'muc#roomconfig_moderatedroom': true })
  await enter(romeo, room)
  const item = (await own(romeo, room)).getChild('x', `${muc}#user`)?.getChild('item')
  assert.equal(item?.attrs.role, 'visitor')
  await juliet.joinRoom(room, 'Juliet')
  const refused = next<{ error?: { condition?: string } }>(juliet, 'message:error', () => true)
  juliet.sendMessage({ to: room, type: 'groupchat', body: 'May I?' })
  assert.equal((await refused).error?.condition, 'forbidden')
  await nurse.tell('role', room, 'Juliet', 'participant')
  await romeo.receive(
    'that Juliet has voice',
    (stanza) =>
      stanza.attrs.from === `${room}/Juliet` &&
      stanza.getChild('x', `${muc}#user`)?.getChild('item')?.attrs.role === 'participant',
  )
  await everybodyHears({ romeo, juliet, nurse }, room, 'Thanks', () =>
    juliet.sendMessage({ to: room, type: 'groupchat', body: 'Thanks' }),
  )
  const kicked = next<{ to?: string }>(juliet, 'muc:leave', () => true)
  await nurse.tell('role', room, 'Juliet', 'none')
  await kicked
  await nurse.tell('affiliation', room, 'romeo@localhost', 'outcast')
  await own(romeo, room, '301')
  await enter(romeo, room)
  const refusal = await refusalFor(romeo)
  assert.ok(refusal.getChild('error')?.getChild('forbidden', 'urn:ietf:params:xml:ns:xmpp-stanzas'))
  await assert.rejects(juliet.ban(room, 'nurse@localhost'))
}

/** Reads a room's archive in pages of two, with the words of @xmpp/client. */
async function archiveByHand({ romeo }: People, room: string): Promise<string[]> {
  const bodies: string[] = []
  let after: string | undefined
  for (;;) {
    const from = after === undefined ? undefined : xml('after', {}, after)
    const set = xml('set', { xmlns: 'http://jabber.org/protocol/rsm' }, xml('max', {}, '2'), from)
    const query = xml('query', { xmlns: mamNamespace }, set)
    const answer = await romeo.xmpp.iqCaller.request(xml('iq', { type: 'set', to: room }, query))
    const fin = answer.getChild('fin', mamNamespace)
    for (const body of romeo.taken((stanza) => stanza.getChild('result', mamNamespace) !== undefined)) {
      const said = body.getChild('result', mamNamespace)?.getChild('forwarded')?.getChild('message')
      bodies.push(said?.getChildText('body') ?? '')
    }
    after = fin?.getChild('set')?.getChildText('last') ?? undefined
    if (fin?.attrs.complete === 'true' || after === undefined) return bodies
  }
}

/** The same with stanza. */
async function archiveByStanza({ juliet }: People, room: string): Promise<string[]> {
  const bodies: string[] = []
  let after: string | undefined
  for (;;) {
    const paging = after === undefined ? { max: 2 } : { max: 2, after }
    const page = await juliet.searchHistory(room, { paging })
    for (const result of page.results ?? []) bodies.push(result.item.message?.body ?? '')
    after = page.paging?.last
    if (page.complete || after === undefined) return bodies
  }
}

test('three libraries in the same rooms: password, members, moderation, archive', { skip }, async (t) => {
  await using stack = new AsyncDisposableStack()
  const people = await online(t, stack)
  await t.test('XEP-0045 §7.2.5: a room with a password', () =>
    passwordRoom(people, 'secret@rooms.localhost'),
  )
  await t.test('XEP-0045 §7.2.6: a room for members only', () =>
    membersOnlyRoom(people, 'family@rooms.localhost'),
  )
  await t.test('XEP-0045 §8: voice, kick and ban', () => moderatedRoom(people, 'hall@rooms.localhost'))
  await t.test('XEP-0313 §4: the archive of a room, in pages', async () => {
    const room = 'secret@rooms.localhost'
    const said = [1, 2].flatMap((round) => [`Romeo ${round}`, `Juliet ${round}`, `Nurse ${round}`])
    assert.deepEqual(await archiveByHand(people, room), said)
    assert.deepEqual(await archiveByStanza(people, room), said)
    assert.deepEqual((await people.nurse.tell('archive', room, 2)).result, said)
  })
  assert.deepEqual(people.romeo.errors, [])
})
