// The command `balcony` as people and machines use it: real processes, real ports, real files.
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect } from 'node:tls'
import { parseScript, playScript, usualPlay } from '../src/scansion/scansion.ts'
import { BalconyProcess, balcony, emptyFolder } from './fixtures/balcony-process.ts'

const freePorts = ['--port', '0', '--tls-port', '0', '--https-port', '0', '--http-port', '0']
const jsonLog = { BALCONY_LOG_FORMAT: 'json' }

/** A server in an empty folder, unless another is given. */
async function started(test: TestContext, words: readonly string[] = [], folder = emptyFolder(test)) {
  const server = new BalconyProcess(test, ['start', ...freePorts, ...words], { folder, environment: jsonLog })
  const [port = 0, tlsPort = 0] = await server.ports()
  return { server, folder, port, tlsPort }
}

/** Whether somebody can log in. */
async function canLogIn(address: string, password: string, port: number): Promise<boolean> {
  const script = parseScript(
    `[Client] Somebody\n\tjid: ${address}\n\tpassword: ${password}\n\n---------\n\nSomebody connects\n\nSomebody disconnects\n`,
    'login.scs',
  )
  assert.ok(!Array.isArray(script), JSON.stringify(script))
  return (await playScript(script as never, { ...usualPlay, port })).failure === undefined
}

/** The SHA-256 fingerprint of the certificate that is shown at a port for direct TLS. */
function fingerprintAt(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(
    { host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['xmpp-client'] },
    () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    },
  )
  socket.on('error', reject)
  return promise
}

function passwordOf(text: string): string {
  return /admin@localhost {2}password (\S+)/.exec(text)?.[1] ?? ''
}

test('the first start makes an account whose printed password logs in, and a certificate; both are kept', async (t) => {
  const first = await started(t)
  const password = passwordOf(first.server.err)
  assert.match(password, /^\w{5}(-\w{5}){3}$/)
  assert.equal(await canLogIn('admin@localhost', password, first.port), true)
  assert.equal(await canLogIn('admin@localhost', 'wrong', first.port), false)
  const fingerprint = await fingerprintAt(first.tlsPort)
  first.server.kill('SIGTERM')
  assert.equal((await first.server.ended()).code, 0)

  const second = await started(t, [], first.folder)
  assert.equal(passwordOf(second.server.err), '')
  assert.equal(await canLogIn('admin@localhost', password, second.port), true)
  assert.equal(await fingerprintAt(second.tlsPort), fingerprint)
})

test('what is kept is for its owner only', async (t) => {
  const { folder } = await started(t)
  const mode = (path: string) => statSync(join(folder, path)).mode & 0o777
  assert.equal(mode('data'), 0o700)
  assert.equal(mode('data/balcony.sqlite'), 0o600)
  assert.equal(mode('data/certificates'), 0o700)
  assert.equal(mode('data/certificates/localhost.key'), 0o600)
})

test('SIGTERM ends streams with system-shutdown (RFC 6120 §4.9.3.20) and the exit code is 0', async (t) => {
  const { server, port } = await started(t)
  const socket = createConnection({ host: '127.0.0.1', port }).setEncoding('utf8')
  let text = ''
  const closed = new Promise((resolve) => socket.on('close', resolve))
  const greeted = new Promise<void>((resolve) => {
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.includes('</stream:features>')) resolve()
    })
  })
  socket.write(
    "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
  )
  await greeted
  server.kill('SIGTERM')
  await closed
  assert.match(text, /<system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'\/>/)
  assert.match(text, /<\/stream:stream>$/)
  assert.equal((await server.ended()).code, 0)
})

test('SIGHUP takes a new certificate, log level and limits, and says what needs a restart', async (t) => {
  const folder = emptyFolder(t)
  const config = join(folder, 'balcony.config.json')
  const fixtures = join(import.meta.dirname, 'fixtures', 'tls')
  writeFileSync(config, JSON.stringify({ log: { level: 'info' } }))
  const { server, tlsPort } = await started(t, [], folder)
  const before = await fingerprintAt(tlsPort)
  writeFileSync(
    config,
    JSON.stringify({
      tls: { certificate: join(fixtures, 'localhost.crt'), key: join(fixtures, 'localhost.key') },
      login: { requireTls: false },
      limits: { connections: 1 },
      log: { level: 'debug' },
    }),
  )
  assert.doesNotMatch(server.out, /"level":"debug"/)
  server.kill('SIGHUP')
  await server.event('configuration read again')
  assert.deepEqual((await server.event('these changes need a restart')).options, ['login.requireTls'])
  assert.notEqual(await fingerprintAt(tlsPort), before)
  assert.equal((await server.event('connection-lost', server.out.indexOf('read again'))).level, 'debug')
  const only = createConnection({ host: '127.0.0.1', port: tlsPort })
  t.after(() => only.destroy())
  await new Promise((resolve) => only.on('connect', resolve))
  await assert.rejects(fingerprintAt(tlsPort))
  assert.equal((await server.event('connection-refused')).cap, 'connections')
})

test('SIGHUP with a faulty configuration changes nothing and says why', async (t) => {
  const folder = emptyFolder(t)
  const config = join(folder, 'balcony.config.json')
  writeFileSync(config, '{}')
  const { server, tlsPort } = await started(t, [], folder)
  const before = await fingerprintAt(tlsPort)
  writeFileSync(config, JSON.stringify({ domian: 'x' }))
  server.kill('SIGHUP')
  const { reason } = await server.event('configuration not read again, the old one stays')
  assert.match(String(reason), /domian: there is no such option\. Did you mean domain\?/)
  assert.equal(await fingerprintAt(tlsPort), before)
})

test('a port in use, and a second server on the same data, are one clear line each', async (t) => {
  const other = createServer().listen({ host: '127.0.0.1', port: 0 })
  t.after(() => other.close())
  await new Promise((resolve) => other.on('listening', resolve))
  const { port } = other.address() as { port: number }
  const first = await balcony(t, ['start', '--port', String(port)], { folder: emptyFolder(t) })
  assert.equal(first.code, 1)
  assert.equal(
    first.err,
    `balcony: port ${port} on 127.0.0.1 is in use by another program (is Balcony running already?)\n`,
  )

  const { folder } = await started(t)
  const second = await balcony(t, ['start', ...freePorts], { folder })
  assert.equal(second.code, 1)
  assert.match(second.err, /^balcony: .*another server has this file open\n$/)
})

test('a bad command line or configuration: a line for each fault, exit code 2, and nothing done', async (t) => {
  const folder = emptyFolder(t)
  writeFileSync(
    join(folder, 'bad.json'),
    JSON.stringify({ listen: { startls: 1 }, login: { requireTls: 'no' } }),
  )
  writeFileSync(join(folder, 'broken.json'), '{"domain": }')
  for (const [words, expected] of [
    [['strat'], "balcony: unknown command 'strat' (Did you mean start?)\n"],
    [['start', '--prot', '1'], "balcony: unknown option '--prot' (Did you mean --port?)\n"],
    [['start', '--config', 'none.json'], `balcony: there is no file ${join(folder, 'none.json')}\n`],
    [
      ['start', '--config', 'bad.json'],
      `balcony: ${join(folder, 'bad.json')}: listen.startls: there is no such option. Did you mean starttls?\n` +
        `balcony: ${join(folder, 'bad.json')}: login.requireTls: expected true or false, not "no"\n`,
    ],
    [['check', '--set', 'limits.depth=x'], 'balcony: --set: limits.depth: expected a number, not "x"\n'],
    [['account', 'add', 'anna'], 'balcony: “anna” is no address of an account, such as anna@localhost\n'],
  ] as const) {
    const { code, out, err } = await balcony(t, words, { folder, environment: { BALCONY_STORAGE: 'memory' } })
    assert.deepEqual({ code, out, err }, { code: 2, out: '', err: expected })
  }
  const broken = await balcony(t, ['start', '--config', 'broken.json'], { folder })
  assert.equal(broken.code, 2)
  assert.match(broken.err, /^balcony: .*broken\.json: .*JSON.*\n$/)
})

test('accounts are added, listed, given passwords and removed beside a running server', async (t) => {
  const { folder, port } = await started(t)
  const account = (words: readonly string[], input = '') =>
    balcony(t, ['account', ...words], { folder, input })
  assert.equal((await account(['add', 'anna@localhost'], 'first secret\n')).out, 'made anna@localhost\n')
  assert.equal(await canLogIn('anna@localhost', 'first secret', port), true)
  assert.equal(
    (await account(['add', 'anna@localhost'], 'x\n')).err,
    'balcony: there is an account anna@localhost already\n',
  )
  const refused = await account(['add', 'bert@localhost'], 'bell \u0007\n')
  assert.match(refused.err, /^balcony: that cannot be a password: .*\n$/)
  const generated = await account(['passwd', 'anna@localhost', '--generate'])
  assert.equal(await canLogIn('anna@localhost', 'first secret', port), false)
  assert.equal(await canLogIn('anna@localhost', /password: (\S+)/.exec(generated.out)?.[1] ?? '', port), true)
  assert.equal((await account(['list'])).out, 'admin@localhost\nanna@localhost\n')
  assert.equal((await account(['remove', 'anna@localhost'])).out, 'removed anna@localhost\n')
  assert.equal((await account(['remove', 'anna@localhost'])).code, 1)
  assert.equal((await account(['list'])).out, 'admin@localhost\n')
})

test('the configuration for test suites: plain text, any account, nothing kept', async (t) => {
  const folder = emptyFolder(t)
  const config = join(import.meta.dirname, '..', 'examples', 'test-server.config.json')
  const words = ['start', '--config', config, '--set', 'accounts.anna=secret', '--set', 'createOnLogin=true']
  const server = new BalconyProcess(t, words, { folder })
  const [port = 0] = await server.ports()
  assert.equal(await canLogIn('anna@localhost', 'secret', port), true)
  assert.equal(await canLogIn('anna@localhost', 'other', port), false)
  assert.equal(await canLogIn('bert@localhost', 'whatever', port), true)
  assert.equal(await canLogIn('bert@localhost', 'other', port), false)
  assert.equal(passwordOf(server.err), '')
})

test('`balcony check` finds bad certificates and ports, and makes nothing', async (t) => {
  const folder = emptyFolder(t)
  const anyPorts = ['starttls', 'directTls', 'https', 'http'].flatMap((kind) => ['--set', `listen.${kind}=0`])
  const good = await balcony(t, ['check', ...anyPorts], { folder })
  assert.equal(good.code, 0, good.out)
  assert.throws(() => statSync(join(folder, 'data')))
  const tls = join(import.meta.dirname, 'fixtures', 'tls')
  const bad = await balcony(
    t,
    [
      'check',
      '--domain',
      'example.net',
      '--set',
      `tls.certificate=${tls}/example.org.crt`,
      '--set',
      `tls.key=${tls}/localhost.key`,
    ],
    { folder },
  )
  assert.equal(bad.code, 1)
  assert.match(bad.out, /✖ certificate of example\.net: .*is not the key of the certificate/)
})

test('`balcony version` is the version of the package', async (t) => {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  assert.equal((await balcony(t, ['version'], { folder: emptyFolder(t) })).out, `${version}\n`)
})

test('`balcony scansion --serve` plays a script: 0 if it passes, 1 if not, 2 if it cannot be read', async (t) => {
  const folder = emptyFolder(t)
  const head = '[Client] Anna\n\tjid: anna@example.test\n\tpassword: secret\n\n---------\n\nAnna connects\n\n'
  const ask = `${head}Anna sends:\n\t<iq type='get' id='1' to='example.test'><ping xmlns='urn:xmpp:ping'/></iq>\n\nAnna receives:\n`
  writeFileSync(join(folder, 'good.scs'), `${ask}\t<iq type='result' id='1'/>\n\nAnna disconnects\n`)
  writeFileSync(join(folder, 'bad.scs'), `${ask}\t<iq type='error' id='1'/>\n\nAnna disconnects\n`)
  writeFileSync(join(folder, 'broken.scs'), `${head}Anna dances\n`)
  writeFileSync(
    join(folder, 'room.scs'),
    `${head}Anna sends:\n\t<presence to='den@muc.example.test/anna'><x xmlns='http://jabber.org/protocol/muc'/></presence>\n\n` +
      `Anna receives:\n\t<presence from='den@muc.example.test/anna'/>\n\nAnna disconnects\n`,
  )
  const play = async (file: string) => (await balcony(t, ['scansion', '--serve', file], { folder })).code
  assert.deepEqual([await play('good.scs'), await play('bad.scs'), await play('broken.scs')], [0, 1, 2])
  assert.equal(await play('room.scs'), 0, 'rooms are where the script writes to them')
})
