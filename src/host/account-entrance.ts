// What an extension registers for the accounts of a host.
import type { Scope, Undo } from '../base/scope.ts'
import type { ClientSession } from '../session/client.ts'
import type { Iq } from '../stanza/stanza.ts'
import type { Account } from './account.ts'
import type { Advertised, Identity } from './advertised.ts'
import type { Host } from './host.ts'
import type { IqAnswer, IqHandler } from './iq.ts'
import { notThere } from './not-there.ts'

/** Registers handlers for requests. */
export interface IqEntrance<Rest extends unknown[]> {
  get(namespace: string, name: string, handler: IqHandler<Rest>): Undo
  set(namespace: string, name: string, handler: IqHandler<Rest>): Undo
}

/** Requests to an account: its own address, and the session that asks where it is one of the account's own. */
export type AccountIqRest = [account: Account, session: ClientSession | undefined]

/** Answers a request that the account itself makes. */
export type OwnIqHandler = (iq: Iq, session: ClientSession, account: Account) => IqAnswer | Promise<IqAnswer>

/** What can be registered for the accounts of a host. */
export interface AccountEntrance {
  /** Requests of an account to itself; anybody else is told `service-unavailable`. */
  readonly iq: {
    get(namespace: string, name: string, handler: OwnIqHandler): Undo
    set(namespace: string, name: string, handler: OwnIqHandler): Undo
  }
  /** Requests of anybody to an account; the handler decides who may. */
  readonly openIq: IqEntrance<AccountIqRest>
  advertise(feature: string): Undo
  identify(identity: Identity): Undo
  /** Disco information of accounts as registered. */
  readonly advertised: Advertised
}

/** The accounts of `host`, for what ends with `scope`. */
export function accountEntrance(host: Host, scope: Scope): AccountEntrance {
  const own =
    (type: 'get' | 'set') =>
    (namespace: string, name: string, handler: OwnIqHandler): Undo =>
      scope.keep(host.accountIq.add(type, namespace, name, ownOnly(handler)))
  return {
    iq: { get: own('get'), set: own('set') },
    openIq: {
      get: (namespace, name, handler) => scope.keep(host.accountIq.add('get', namespace, name, handler)),
      set: (namespace, name, handler) => scope.keep(host.accountIq.add('set', namespace, name, handler)),
    },
    advertise: (feature) => scope.keep(host.accountAdvertised.feature(feature)),
    identify: (identity) => scope.keep(host.accountAdvertised.identity(identity)),
    advertised: host.accountAdvertised,
  }
}

function ownOnly(handler: OwnIqHandler): IqHandler<AccountIqRest> {
  return (iq, account, session) => {
    // Strangers learn nothing, not even that the account exists.
    if (!session) throw notThere()
    return handler(iq, session, account)
  }
}
