// The runner's own client against a real Prosody: TLS, SASL, and what is said when a log-in fails.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Performance,
  type PlayOptions,
  parseScript,
  playScript,
  type Script,
  usualPlay,
} from '../../src/scansion/scansion.ts'
import { findProsody, type Prosody, type ProsodyLogin, startProsody } from './prosody-server.ts'

const prosody = findProsody()
const skip = 'reason' in prosody ? `no Prosody here: ${prosody.reason}` : false

/** A script in which somebody logs in, and is answered. */
function logInAs(name: string, password: string): Script {
  const text = `[Client] Romeo
	jid: ${name}@localhost/garden
	password: ${password}
---
Romeo connects
Romeo sends:
	<presence/>
Romeo receives:
	<presence from="\${Romeo's full JID}"/>
`
  return parseScript(text, 'login.scs') as Script
}

function suite(title: string, login: ProsodyLogin, tests: (play: Play) => void): void {
  describe(title, { skip, concurrency: false }, () => {
    let server: Prosody
    before(async () => {
      server = await startProsody(login)
    })
    after(() => server.close())
    tests((script, options = {}) => {
      const port = options.security === 'direct' ? server.tlsPort : server.port
      return playScript(script, { ...usualPlay, host: server.host, port, ...options })
    })
  })
}

type Play = (script: Script, options?: Partial<PlayOptions>) => Promise<Performance>

async function passes(performance: Promise<Performance>): Promise<void> {
  assert.equal((await performance).failure, undefined)
}

async function failsWith(performance: Promise<Performance>, message: RegExp): Promise<void> {
  assert.match((await performance).failure?.message ?? 'passed', message)
}

const accounts = { romeo: 'pässword, =1', juliet: 'balcony' }

suite('a server that requires TLS', { tls: true, accounts }, (play) => {
  const romeo = logInAs('romeo', accounts.romeo)
  test('RFC 6120 §5: STARTTLS is used unasked, for there is no other way', () => passes(play(romeo)))
  test('RFC 6120 §5: STARTTLS is used when asked for', () => passes(play(romeo, { security: 'starttls' })))
  test('XEP-0368: TLS from the first byte', () => passes(play(romeo, { security: 'direct' })))

  test('a certificate nobody vouches for ends the log-in where certificates count', () =>
    failsWith(play(romeo, { checksCertificate: true }), /Romeo cannot connect: self-signed certificate/))

  test('a certificate nobody vouches for ends the log-in under direct TLS too', () =>
    failsWith(play(romeo, { checksCertificate: true, security: 'direct' }), /self-signed certificate/))

  test('who is not to use TLS is told that nothing is offered', () =>
    failsWith(play(romeo, { security: 'none' }), /the server offers no mechanism known here/))
})

suite('a server that offers SCRAM-SHA-256 and SCRAM-SHA-1', { accounts, without: ['PLAIN'] }, (play) => {
  test('RFC 7677: logging in', () => passes(play(logInAs('romeo', accounts.romeo))))
  test('RFC 5802 §6: a wrong password is refused', () =>
    failsWith(play(logInAs('juliet', 'wrong')), /the server refuses the log-in: not-authorized/))
})

suite('a server that offers SCRAM-SHA-1', { accounts, without: ['PLAIN', 'SCRAM-SHA-256'] }, (play) => {
  test('RFC 5802: logging in', () => passes(play(logInAs('romeo', accounts.romeo))))
  test('STARTTLS that is asked for and not offered is a failure', () =>
    failsWith(play(logInAs('juliet', accounts.juliet), { security: 'starttls' }), /does not offer STARTTLS/))
  test('TLS where there is none is a failure', () =>
    failsWith(play(logInAs('juliet', 'x'), { security: 'direct', timeoutMs: 500 }), /Romeo cannot connect: /))
})

suite('a server that lets everybody in', {}, (play) => {
  test('RFC 4616: PLAIN', () => passes(play(logInAs('romeo', 'any'))))
  test('nothing is sent but the script with sync none', () =>
    passes(play(logInAs('romeo', 'any'), { sync: 'none' })))
  test('an address that cannot be reached is a failure', () =>
    failsWith(play(logInAs('romeo', 'any'), { port: 1 }), /Romeo cannot connect: connect ECONNREFUSED/))
})
