// What clients keep in nodes, by three libraries that others have written: each publishes a picture, a bookmark and a
// list of devices, and the others, with accounts of their own, read what they may.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { xml } from '@xmpp/client'
import { type Agent, createClient } from 'stanza'
import { BalconyProcess, emptyFolder } from '../fixtures/balcony-process.ts'
import { Person } from './person.ts'
import { itemsIn, publish } from './published.ts'
import { findSlixmpp } from './slixmpp-person.ts'

const python = '/usr/bin/python3'
const slixmpp = findSlixmpp()
const skip = 'reason' in slixmpp ? `no slixmpp here: ${slixmpp.reason}` : false
const accounts = { romeo: 'wherefore', juliet: 'deny thy father', nurse: 'anon' }
const room = 'balcony@rooms.localhost'
const omemo = 'urn:xmpp:omemo:2'

interface Running {
  readonly port: number
  readonly httpPort: number
  readonly certificate: string
}

async function started(t: TestContext): Promise<Running> {
  const folder = emptyFolder(t)
  const settings = Object.entries(accounts).map(([name, password]) => `accounts.${name}=${password}`)
  const ports = ['--port', '0', '--tls-port', 'false', '--https-port', 'false', '--http-port', '0']
  const words = ['start', ...ports, ...settings.flatMap((setting) => ['--set', setting])]
  const server = new BalconyProcess(t, words, { folder, environment: { BALCONY_LOG_FORMAT: 'json' } })
  const [port = 0, httpPort = 0] = await server.ports()
  const certificate = join(folder, 'data/certificates/localhost.crt')
  setDefaultCACertificates([readFileSync(certificate, 'utf8')])
  return { port, httpPort, certificate }
}

async function stanzaClient(
  { httpPort }: Running,
  name: keyof typeof accounts,
  stack: AsyncDisposableStack,
): Promise<Agent> {
  const agent = createClient({
    jid: `${name}@localhost`,
    password: accounts[name],
    autoReconnect: false,
    transports: { websocket: `ws://localhost:${httpPort}/xmpp-websocket`, bosh: false },
  })
  stack.defer(() => agent.disconnect())
  await new Promise<void>((resolve, reject) => {
    agent.on('session:started', () => resolve())
    agent.on('auth:failed', () => reject(new Error('stanza could not log in')))
    agent.connect()
  })
  agent.sendPresence()
  return agent
}

async function xmppClient(
  { port }: Running,
  name: keyof typeof accounts,
  stack: AsyncDisposableStack,
): Promise<Person> {
  const service = `xmpp://localhost:${port}`
  const person = stack.use(new Person({ service, username: name, password: accounts[name] }))
  await person.xmpp.start()
  return person
}

/** A picture by stanza, a list of devices and a bookmark by @xmpp/client, all of one account. */
async function publishAsJuliet(agent: Agent, juliet: Person): Promise<void> {
  const picture = Buffer.from('a picture of Juliet')
  const hash = createHash('sha1').update(picture).digest('hex')
  await agent.publishAvatar(hash, picture)
  await agent.useAvatars([{ bytes: picture.length, id: hash, mediaType: 'image/png' }])
  for (const node of ['urn:xmpp:avatar:data', 'urn:xmpp:avatar:metadata']) {
    const fields = [{ name: 'pubsub#access_model', value: 'open' }]
    await agent.configureNode('', node, { type: 'submit', fields } as never)
  }
  const options = { 'pubsub#max_items': 'max' }
  const devices = xml('devices', { xmlns: omemo }, xml('device', { id: '1' }), xml('device', { id: '2' }))
  await publish(juliet, {
    node: `${omemo}:devices`,
    id: 'current',
    payload: devices,
    model: 'open',
    options,
  })
  const conference = xml('conference', { xmlns: 'urn:xmpp:bookmarks:1', autojoin: 'true', name: 'Balcony' })
  await publish(juliet, {
    node: 'urn:xmpp:bookmarks:1',
    id: room,
    payload: conference,
    model: 'whitelist',
    options,
  })
}

/** What slixmpp has found, after publishing the same as the nurse. */
async function useSlixmpp({ port, certificate }: Running): Promise<Record<string, unknown>> {
  const script = join(import.meta.dirname, 'slixmpp_nodes.py')
  const words = [script, `${port}`, certificate, accounts.nurse]
  const { stdout } = await promisify(execFile)(python, words, { timeout: 60_000 })
  return JSON.parse(/^found (.*)$/m.exec(stdout)?.[1] ?? '{}') as Record<string, unknown>
}

test('three libraries publish and read a picture, a bookmark and devices (XEP-0084, 0402, 0384)', {
  skip,
}, async (t) => {
  await using stack = new AsyncDisposableStack()
  const running = await started(t)
  const agent = await stanzaClient(running, 'juliet', stack)
  const juliet = await xmppClient(running, 'juliet', stack)
  const romeo = await xmppClient(running, 'romeo', stack)
  await publishAsJuliet(agent, juliet)

  await t.test('slixmpp reads what others may, and is refused the rest', async () => {
    assert.deepEqual(await useSlixmpp(running), {
      picture: 'a picture of Juliet',
      devices: ['1', '2'],
      bookmarks: ['attic@rooms.localhost'],
      refusal: 'not-allowed',
    })
  })

  await t.test('@xmpp/client reads what slixmpp has published', async () => {
    const [devices] = await itemsIn(romeo, `${omemo}:devices`, 'nurse@localhost')
    assert.equal(devices?.getChild('devices', omemo)?.getChild('device')?.attrs.id, '77')
    const [picture] = await itemsIn(romeo, 'urn:xmpp:avatar:data', 'nurse@localhost')
    const data = picture?.getChildText('data', 'urn:xmpp:avatar:data') ?? ''
    assert.equal(Buffer.from(data, 'base64').toString(), "the nurse's picture")
    const curious = itemsIn(romeo, 'urn:xmpp:bookmarks:1', 'nurse@localhost')
    await assert.rejects(curious, { name: 'StanzaError', condition: 'not-allowed' })
  })

  await t.test('stanza reads the same, and a bookmark in the form that it knows', async () => {
    const { content } = await agent.getAvatar(
      'nurse@localhost',
      createHash('sha1').update("the nurse's picture").digest('hex'),
    )
    assert.equal((content as { data?: Buffer }).data?.toString(), "the nurse's picture")
    // Kept as XEP-0402 has it, asked for as XEP-0048 does.
    const [bookmark] = await agent.getBookmarks()
    assert.deepEqual([bookmark?.jid, bookmark?.name, bookmark?.autoJoin], [room, 'Balcony', true])
    await agent.addBookmark({ jid: 'hall@rooms.localhost', name: 'Hall' })
    const ids = (await itemsIn(juliet, 'urn:xmpp:bookmarks:1')).map(({ attrs }) => attrs.id)
    assert.deepEqual(ids, [room, 'hall@rooms.localhost'])
  })

  await t.test('a picture is in the vCard too (XEP-0398 §3.1)', async () => {
    const card = await romeo.xmpp.iqCaller.get(xml('vCard', { xmlns: 'vcard-temp' }), 'nurse@localhost')
    const data = card?.getChild('PHOTO')?.getChildText('BINVAL') ?? ''
    assert.equal(Buffer.from(data, 'base64').toString(), "the nurse's picture")
  })
})
