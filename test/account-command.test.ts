// `balcony account` beside a running server: who is logged in feels it at once.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { BalconyProcess, balcony, emptyFolder } from './fixtures/balcony-process.ts'
import { RawClient } from './raw-client.ts'

const words = ['--port', '0', '--tls-port', '0', '--set', 'firstAccount=false']
const query = (inside: string) => `<query xmlns='jabber:iq:roster'>${inside}</query>`

async function started(t: TestContext) {
  const folder = emptyFolder(t)
  const server = new BalconyProcess(t, ['start', ...words], {
    folder,
    environment: { BALCONY_LOG_FORMAT: 'json' },
  })
  const [, tlsPort = 0] = await server.ports()
  const account = (...more: string[]) =>
    balcony(t, ['account', ...more], { folder, input: 'a long secret\n' })
  const logIn = async (user: string, resource: string) => {
    const client = await RawClient.connectTls(t, tlsPort)
    await client.open()
    await client.logIn({ user, password: 'a long secret', resource })
    return client
  }
  return { folder, server, account, logIn }
}

test('an account that is removed beside the server: its sessions end, and its contacts know', async (t) => {
  const { account, logIn } = await started(t)
  for (const name of ['romeo', 'juliet']) await account('add', `${name}@localhost`)
  const romeo = await logIn('romeo', 'orchard')
  const juliet = await logIn('juliet', 'balcony')
  await juliet.request('get', query(''))
  juliet.write(
    `<presence type='subscribed' to='romeo@localhost'/><presence to='romeo@localhost' type='subscribe'/>`,
  )
  romeo.write(
    `<presence type='subscribed' to='juliet@localhost'/><presence to='juliet@localhost' type='subscribe'/>`,
  )
  await juliet.until(/subscription='both'/)
  const removed = await account('remove', 'romeo@localhost')
  assert.equal(removed.out, 'removed romeo@localhost\n', removed.err)
  assert.match(await romeo.untilClosed(), /<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'\/>/)
  await juliet.until(/type='unsubscribed'/)
  assert.match(await juliet.request('get', query('')), /<item jid='romeo@localhost' subscription='none'\/>/)
})

test('a password that is changed beside the server: sessions of the old one end', async (t) => {
  const { account, logIn } = await started(t)
  for (const name of ['romeo', 'juliet']) await account('add', `${name}@localhost`)
  const romeo = await logIn('romeo', 'orchard')
  const juliet = await logIn('juliet', 'balcony')
  assert.equal((await account('passwd', 'romeo@localhost')).code, 0)
  assert.match(await romeo.untilClosed(), /<not-authorized /)
  assert.match(await juliet.request('get', query('')), /type='result'/)
  assert.equal((await logIn('romeo', 'street')).isClosed, false)
})

test('without a server accounts are removed all the same, and their names stay known', async (t) => {
  const { folder, server, account } = await started(t)
  await account('add', 'romeo@localhost')
  server.kill('SIGKILL')
  await server.ended()
  const began = performance.now()
  assert.equal(
    (await balcony(t, ['account', 'remove', 'romeo@localhost'], { folder })).out,
    'removed romeo@localhost\n',
  )
  assert.ok(performance.now() - began < 15_000, 'nobody was waited for')
  assert.equal((await balcony(t, ['account', 'list'], { folder })).out, '')
})

test('without a server rooms forget who is removed', async (t) => {
  const { folder, server, account, logIn } = await started(t)
  for (const name of ['romeo', 'juliet']) await account('add', `${name}@localhost`)
  const romeo = await logIn('romeo', 'orchard')
  const room = 'garden@rooms.localhost'
  const muc = 'http://jabber.org/protocol/muc'
  romeo.write(`<presence to='${room}/romeo'><x xmlns='${muc}'/></presence>`)
  await romeo.until(/<status code='201'\/>/)
  const field = "<field var='muc#roomconfig_persistentroom'><value>1</value></field>"
  const form = `<query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'>${field}</x></query>`
  assert.match(await romeo.request('set', form, { to: room }), /type='result'/)
  const member = `<query xmlns='${muc}#admin'><item affiliation='member' jid='juliet@localhost'/></query>`
  assert.match(await romeo.request('set', member, { to: room }), /type='result'/)
  const members = `<query xmlns='${muc}#admin'><item affiliation='member'/></query>`
  assert.match(await romeo.request('get', members, { to: room }), /juliet@localhost/)
  server.kill('SIGTERM')
  await server.ended()
  assert.equal((await account('remove', 'juliet@localhost')).code, 0)
  const again = new BalconyProcess(t, ['start', ...words], {
    folder,
    environment: { BALCONY_LOG_FORMAT: 'json' },
  })
  const [, tlsPort = 0] = await again.ports()
  const back = await RawClient.connectTls(t, tlsPort)
  await back.open()
  await back.logIn({ user: 'romeo', password: 'a long secret', resource: 'orchard' })
  assert.doesNotMatch(await back.request('get', members, { to: room }), /juliet@localhost/)
})
