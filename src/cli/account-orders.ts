// What the account commands ask of a server that runs beside them on the same file: only it knows who is logged in.
import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { repeat } from '../base/repeat.ts'
import type { Undo } from '../base/scope.ts'
import type { Host } from '../host/host.ts'
import type { Jid } from '../jid/jid.ts'
import type { Collection } from '../storage/storage.ts'
import { CommandError } from './command-error.ts'

/** `remove` an account; `log-out`: end its sessions. */
export type Order = 'remove' | 'log-out'

/** An order as it is kept, under the name of the account. */
type KeptOrder = {
  readonly order: Order
  /** Milliseconds since 1970. */
  readonly when: number
}

/** Orders are nobody's: they are not erased with the account. */
const owner = ''
/** How often a server looks for orders, and a command whether they have been obeyed. */
const lookMs = 1000
/** How long a command waits, and a server takes an order for meant. */
const patienceMs = 15_000

function ordersOf(host: Host): Collection<KeptOrder> {
  return host.store.collection('account-orders')
}

/**
 * Asks the running server of `host`, and resolves when it has obeyed.
 * @throws CommandError if it has not in time; then it will not
 */
export async function giveOrder(host: Host, account: Jid, order: Order, clock: Clock): Promise<void> {
  const orders = ordersOf(host)
  const when = clock.now()
  await orders.set(owner, account.local, { order, when })
  while (clock.now() - when < patienceMs) {
    await pause(lookMs / 4)
    if (!(await orders.get(owner, account.local))) return
  }
  await orders.set(owner, account.local, undefined)
  throw new CommandError(`the server that has the data open does not answer: ${account}: ${order} not done`)
}

/** Looks for orders to the hosts of a server, and obeys them, until undone. */
export function obeyOrders(hosts: readonly Host[], { clock, log }: { clock: Clock; log: Log }): Undo {
  const failed = (error: unknown) => log.error('order not obeyed', { error })
  const obeyEverywhere = async () => {
    for (const host of hosts) await obeyAll(host, clock.now()).catch(failed)
  }
  return repeat(clock, lookMs, obeyEverywhere, failed)
}

async function obeyAll(host: Host, now: number): Promise<void> {
  const orders = ordersOf(host)
  for (const [name, { order, when }] of await orders.all(owner)) {
    const account = host.accounts.address(name)
    // Whoever gave an older one has been told that nothing came of it.
    if (account && now - when < patienceMs) await obey(host, account, order)
    await orders.set(owner, name, undefined)
  }
}

async function obey(host: Host, account: Jid, order: Order): Promise<void> {
  host.log.info('ordered', { order, account: account.toString() })
  if (order === 'remove') await host.accounts.remove(account)
  else host.accounts.logOut(account)
}
