// `balcony account add|list|remove|passwd`.
import type { Host } from '../host/host.ts'
import { type Jid, parseJid } from '../jid/jid.ts'
import type { Server } from '../server/server.ts'
import type { Order } from './account-orders.ts'
import { badUsage, CommandError } from './command-error.ts'

/** What the account commands are lent. */
export interface AccountParts {
  readonly server: Server
  /** Gets lines for people or programs. */
  readonly say: (line: string) => void
  /** Asks for the password of an address. */
  readonly password: (address: string) => Promise<string>
  /** Asks the server that runs on the same data, and resolves when it has obeyed; `undefined` if none does. */
  readonly order?: ((host: Host, account: Jid, order: Order) => Promise<void>) | undefined
}

/**
 * Makes an account.
 * @throws CommandError if the address cannot be one, or has an account
 */
export async function addAccount(address: string, parts: AccountParts): Promise<void> {
  const { host, account } = find(address, parts.server)
  if (await host.accounts.exists(account)) throw new CommandError(`there is an account ${account} already`)
  const password = checked(host, await parts.password(account.toString()))
  if (!(await host.accounts.create(account, password))) {
    throw new CommandError(`there is an account ${account} already`)
  }
  parts.say(`made ${account}`)
}

/** Gives an account another password; whoever is logged in with the old one is not any more. */
export async function changePassword(address: string, parts: AccountParts): Promise<void> {
  const { host, account } = find(address, parts.server)
  if (!(await host.accounts.exists(account))) throw noAccount(account)
  const password = checked(host, await parts.password(account.toString()))
  if (!(await host.accounts.setPassword(account, password))) throw noAccount(account)
  await parts.order?.(host, account, 'log-out')
  parts.say(`changed the password of ${account}`)
}

/** Removes an account and all that is kept of it; whoever is logged in to it is not any more. */
export async function removeAccount(address: string, parts: AccountParts): Promise<void> {
  const { host, account } = find(address, parts.server)
  if (!(await host.accounts.exists(account))) throw noAccount(account)
  // A server that runs knows the contacts' rosters too, and whatever else changes.
  if (parts.order) await parts.order(host, account, 'remove')
  else await host.accounts.remove(account)
  parts.say(`removed ${account}`)
}

/** Says the address of every account, a line each. */
export async function listAccounts(parts: AccountParts): Promise<void> {
  for (const host of parts.server.hosts) {
    if (host.hasService) continue
    for await (const name of namesOf(host)) parts.say(`${name}@${host.domain}`)
  }
}

async function* namesOf(host: Host): AsyncGenerator<string> {
  const limit = 1000
  let after: string | undefined
  for (;;) {
    const names = await host.accounts.list(after === undefined ? { limit } : { after, limit })
    yield* names
    after = names.at(-1)
    if (names.length < limit || after === undefined) return
  }
}

function checked(host: Host, password: string): string {
  if (host.accounts.isPossiblePassword(password)) return password
  throw new CommandError(
    'that cannot be a password: it is too long, or has characters that nobody can type',
    {
      exitCode: badUsage,
    },
  )
}

function noAccount(account: Jid): CommandError {
  return new CommandError(`there is no account ${account}`)
}

function find(address: string, server: Server): { host: Host; account: Jid } {
  const account = parseJid(address)
  if (!account || account.local === '' || !account.isBare) {
    throw new CommandError(`“${address}” is no address of an account, such as anna@localhost`, {
      exitCode: badUsage,
    })
  }
  const host = server.host(account.domain)
  if (!host || host.hasService) {
    const domains = server.hosts.filter((candidate) => !candidate.hasService).map(({ domain }) => domain)
    throw new CommandError(`${account.domain} has no accounts here; ${domains.join(', ')} has`, {
      exitCode: badUsage,
    })
  }
  return { host, account }
}
