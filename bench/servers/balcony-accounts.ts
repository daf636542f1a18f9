// The accounts of the benchmark, in Balcony's storage as Balcony itself would keep them.
import { sqlite } from '../../src/storage/sqlite.ts'
import { type Driver, storeOfDomain, type Value } from '../../src/storage/storage.ts'
import { deriveScramKeys, type ScramHash, scramHashes } from '../../src/stream/credentials.ts'
import { accountName, domain, password } from '../generator/login.ts'

const salt = Buffer.from('the salt of all ')
const writesAtOnce = 500

/** Makes accounts in a file. All have the same salt, so that the keys need to be computed once and not for each. */
export async function writeAccounts(path: string, accounts: number, iterations: number): Promise<void> {
  const storage = sqlite(path)
  try {
    await keepAccounts(storage, accounts, iterations)
  } finally {
    await storage.close()
  }
}

/** Makes accounts in storage that is open. */
export async function keepAccounts(storage: Driver, accounts: number, iterations: number): Promise<void> {
  const kept = storeOfDomain(storage, domain).keyValue('accounts')
  const account = await keptAccount(iterations)
  for (let first = 0; first < accounts; first += writesAtOnce) {
    const count = Math.min(writesAtOnce, accounts - first)
    await Promise.all(
      Array.from({ length: count }, (_, index) => kept.set(accountName(first + index), account)),
    )
  }
}

async function keptAccount(iterations: number): Promise<Value> {
  const keys = await Promise.all(scramHashes.map(async (hash) => [hash, await keptKeys(hash, iterations)]))
  return { created: 0, scram: Object.fromEntries(keys) }
}

async function keptKeys(hash: ScramHash, iterations: number): Promise<Value> {
  const keys = await deriveScramKeys(password, { hash, salt, iterations })
  return {
    salt: salt.toString('base64'),
    iterations,
    storedKey: Buffer.from(keys.storedKey).toString('base64'),
    serverKey: Buffer.from(keys.serverKey).toString('base64'),
  }
}
