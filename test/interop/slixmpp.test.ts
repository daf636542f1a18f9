// A client that others have written, slixmpp, which knows SASL as it was before SASL2: nothing has changed for it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { BalconyProcess, emptyFolder } from '../fixtures/balcony-process.ts'
import { findSlixmpp } from './slixmpp-person.ts'

const python = '/usr/bin/python3'
const script = join(import.meta.dirname, 'slixmpp-login.py')
const slixmpp = findSlixmpp()
const skip = 'reason' in slixmpp ? `no slixmpp here: ${slixmpp.reason}` : false
const run = promisify(execFile)

async function logIn(test: TestContext, password: string): Promise<string> {
  const settings = ['storage=memory', 'accounts.juliet=secret', 'listen.https=false', 'listen.http=false']
  const words = [
    'start',
    '--port',
    '0',
    '--tls-port',
    '0',
    ...settings.flatMap((setting) => ['--set', setting]),
  ]
  const server = new BalconyProcess(test, words, {
    folder: emptyFolder(test),
    environment: { BALCONY_LOG_FORMAT: 'json' },
  })
  const [port = 0] = await server.ports()
  const { stdout } = await run(python, ['-W', 'ignore', script, `${port}`, password], { timeout: 60_000 })
  return stdout.trim()
}

// It binds to `tls-unique` without asking what there is.
test('slixmpp logs in with SCRAM and channel binding (RFC 5802 §6)', { skip }, async (t) => {
  assert.equal(await logIn(t, 'secret'), 'SCRAM-SHA-256-PLUS')
})

test('slixmpp is told not-authorized for a wrong password, by whatever mechanism it tries', {
  skip,
}, async (t) => {
  const [last, ...failures] = (await logIn(t, 'wrong')).split(' ')
  assert.match(last ?? '', /^(refused)?$/)
  assert.ok(failures.every((condition) => condition === 'not-authorized'))
})
