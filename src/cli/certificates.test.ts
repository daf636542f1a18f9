// Certificates that are made, kept, renewed and read.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { daysLeft, keptCertificate, readCertificate } from './certificates.ts'
import { CommandError } from './command-error.ts'

const dayMs = 86_400_000

function folderOf(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'balcony-certificates-'))
  test.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a made certificate is for the domain and, for localhost, the loopback addresses', async (t) => {
  const { x509, origin } = await keptCertificate('localhost', folderOf(t), Date.now())
  assert.equal(origin, 'made')
  assert.equal(x509.checkHost('localhost'), 'localhost')
  assert.ok(x509.checkIP('127.0.0.1'))
  assert.equal(x509.checkHost('example.org'), undefined)
  assert.equal(x509.ca, false)
})

test('a client that trusts it connects by TLS', async (t) => {
  const { cert, key } = await keptCertificate('localhost', folderOf(t), Date.now())
  const server = createServer({ cert, key }, (socket) => socket.end()).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const client = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: cert }, () =>
      resolve(client),
    )
    client.on('error', reject)
  })
  assert.equal(socket.authorized, true)
  socket.destroy()
})

test('it is kept, with its key for the owner only, and made anew in its last 30 days', async (t) => {
  const folder = folderOf(t)
  const now = Date.now()
  const made = await keptCertificate('localhost', folder, now)
  assert.equal(statSync(join(folder, 'localhost.key')).mode & 0o777, 0o600)
  // What Apple's systems take.
  assert.ok(made.x509.validToDate.getTime() - made.x509.validFromDate.getTime() <= 825 * dayMs)
  assert.ok(daysLeft(made.x509, now) > 800)
  const kept = await keptCertificate('localhost', folder, now + 780 * dayMs)
  assert.deepEqual([kept.origin, kept.cert], ['kept', made.cert])
  const renewed = await keptCertificate('localhost', folder, now + 800 * dayMs)
  assert.equal(renewed.origin, 'made')
  assert.notEqual(renewed.cert, made.cert)
})

test('files that hold no certificate, no key, or not a pair are said by name', async (t) => {
  const folder = folderOf(t)
  await keptCertificate('a.example', folder, Date.now())
  await keptCertificate('b.example', folder, Date.now())
  writeFileSync(join(folder, 'empty'), '')
  const read = (certificate: string, key: string) => () =>
    readCertificate({ certificate: join(folder, certificate), key: join(folder, key) })
  const says = (pattern: RegExp) => (error: unknown) =>
    error instanceof CommandError && pattern.test(error.message)
  assert.throws(read('empty', 'a.example.key'), says(/empty holds no certificate/))
  assert.throws(read('a.example.crt', 'empty'), says(/empty holds no private key/))
  assert.throws(
    read('a.example.crt', 'b.example.key'),
    says(/b\.example\.key is not the key of .*a\.example\.crt/),
  )
})
