import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import { jid } from '../jid/jid.ts'
import { sqlite } from '../storage/sqlite.ts'
import { deriveScramKeys } from '../stream/credentials.ts'
import type { Accounts } from './accounts.ts'

const romeo = jid('romeo@localhost')

async function accountsOf(storage = sqlite(':memory:')): Promise<Accounts> {
  const { server } = await inMemoryServer({ storage })
  return server.host('localhost')?.accounts as Accounts
}

/** Whether a password is right, as a log-in finds out. */
async function fits(accounts: Accounts, password: string): Promise<boolean> {
  const answers: boolean[] = []
  for (const hash of ['sha-1', 'sha-256'] as const) {
    const kept = await accounts.scramKeys('romeo', hash)
    const derived = kept && (await deriveScramKeys(password, kept))
    answers.push(
      derived !== undefined && Buffer.from(derived.storedKey).equals(kept?.storedKey ?? Buffer.alloc(0)),
    )
  }
  assert.equal(answers[0], answers[1], 'both hashes answer alike')
  return answers[0] as boolean
}

test('an account is made once, and its password is right for both hashes', async () => {
  const accounts = await accountsOf()
  assert.equal(await accounts.exists(romeo), false)
  assert.equal(await accounts.create(romeo, 'wherefore'), true)
  assert.equal(await accounts.create(romeo, 'another'), false)
  assert.equal(await fits(accounts, 'wherefore'), true)
  assert.equal(await fits(accounts, 'another'), false)
  assert.deepEqual(await accounts.list(), ['romeo'])
})

test('of two who make the same account at once, one does', async () => {
  const accounts = await accountsOf()
  const made = await Promise.all(['one', 'two', 'three'].map((password) => accounts.create(romeo, password)))
  assert.equal(made.filter(Boolean).length, 1)
  const winner = ['one', 'two', 'three'][made.indexOf(true)] as string
  assert.equal(await fits(accounts, winner), true)
})

test('a new password replaces the old one', async () => {
  const accounts = await accountsOf()
  assert.equal(await accounts.setPassword(romeo, 'x'), false)
  await accounts.create(romeo, 'old')
  assert.equal(await accounts.setPassword(romeo, 'new'), true)
  assert.deepEqual([await fits(accounts, 'old'), await fits(accounts, 'new')], [false, true])
})

test('a password is kept as keys, never as itself (RFC 5802 §3)', async () => {
  const storage = sqlite(':memory:')
  const accounts = await accountsOf(storage)
  await accounts.create(romeo, 'a very particular password')
  const kept = await storage.keyValue('localhost/accounts').get('romeo')
  assert.equal(JSON.stringify(kept).includes('particular'), false)
})

test('names that cannot be a localpart have no address', async () => {
  const accounts = await accountsOf()
  assert.equal(accounts.address('Romeo')?.toString(), 'romeo@localhost')
  for (const name of ['', 'a@b', 'a/b', 'a b', '"', 'x'.repeat(1024)]) {
    assert.equal(accounts.address(name), undefined, name)
  }
})

test('what fakes the keys of unknown accounts is the same after a restart', async () => {
  const storage = sqlite(':memory:')
  const first = Buffer.from((await accountsOf(storage)).fakeSaltSecret)
  const second = Buffer.from((await accountsOf(storage)).fakeSaltSecret)
  assert.equal(first.length >= 16 && first.equals(second), true)
})
