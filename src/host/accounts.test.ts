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

test('an account has keys for every hash, and which they are can be asked', async () => {
  const accounts = await accountsOf()
  await accounts.create(romeo, 'secret')
  assert.deepEqual(await accounts.hashesOf('romeo'), ['sha-512', 'sha-256', 'sha-1'])
  assert.equal(await accounts.hashesOf('nobody'), undefined)
})

/** An account as it was kept before there was SHA-512. */
async function oldAccount() {
  const storage = sqlite(':memory:')
  const accounts = await accountsOf(storage)
  await accounts.create(romeo, 'secret')
  type Kept = { created: number; scram: Record<string, { salt: string }> }
  const store = storage.keyValue<Kept>('localhost/accounts')
  const { created, scram } = (await store.get('romeo')) as Kept
  const { 'sha-512': _sha512, ...before } = scram
  await store.set('romeo', { created, scram: before })
  return accounts
}

test('keys that an account lacks are made when its password is shown', async () => {
  const accounts = await oldAccount()
  const stamp = await accounts.passwordStamp(romeo)
  assert.equal(await accounts.scramKeys('romeo', 'sha-512'), undefined)
  await accounts.notePassword(romeo, 'secret')
  const keys = await accounts.scramKeys('romeo', 'sha-512')
  assert.deepEqual(keys && (await deriveScramKeys('secret', keys)).storedKey, keys?.storedKey)
  assert.equal(await fits(accounts, 'secret'), true)
  assert.equal(await accounts.passwordStamp(romeo), stamp)
})

test('XEP-0480: keys that a client has made are kept where there were none, and nowhere else', async () => {
  const accounts = await oldAccount()
  const made = async (hash: 'sha-512' | 'sha-256') =>
    deriveScramKeys('of a thief', { hash, salt: Buffer.alloc(16, 9), iterations: 4096 })
  await accounts.addKeys(romeo, await made('sha-256'))
  assert.equal(await fits(accounts, 'secret'), true)
  await accounts.addKeys(romeo, await made('sha-512'))
  assert.equal((await accounts.scramKeys('romeo', 'sha-512'))?.iterations, 4096)
  await accounts.addKeys(jid('nobody@localhost'), await made('sha-512'))
  assert.equal(await accounts.exists(jid('nobody@localhost')), false)
})
