// The accounts of the benchmark, in Balcony's storage as Balcony itself would keep them.
import { sqlite } from '../../src/storage/sqlite.ts'
import { type Driver, storeOfDomain, type Value } from '../../src/storage/storage.ts'
import { type ScramHash, scramHashes } from '../../src/stream/credentials.ts'
import { accountName, domain } from '../generator/login.ts'
import { keysOfPassword } from './kept-password.ts'

const writesAtOnce = 500

/** Makes accounts in a file. */
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
  const { salt, storedKey, serverKey } = await keysOfPassword(hash, iterations)
  return {
    salt: base64(salt),
    iterations,
    storedKey: base64(storedKey),
    serverKey: base64(serverKey),
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
