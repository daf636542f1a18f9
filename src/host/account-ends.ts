// What happens at a host when an account is removed, or has to log in again.
import { StreamError } from '../stream/stream-error.ts'
import type { AccountEnds } from './accounts.ts'
import type { Host } from './host.ts'

/** Ends with an account what the host has of it. */
export function accountEnds(host: Host): AccountEnds {
  const failed = (error: unknown) => host.log.error('erasing failed', { error })
  return {
    async eraseData(address) {
      const account = host.loaded.get(address.local)
      if (account) account.isBeingErased = true
      try {
        await host.accountRemoved.emitAndWait(address, failed)
        await host.store.eraseOwner(address.local)
      } catch (error) {
        if (account) account.isBeingErased = false
        throw error
      }
    },
    end(address) {
      const account = host.loaded.get(address.local)
      if (!account) return
      // Whoever gets the name next has nothing to do with these sessions.
      host.loaded.forget(account)
      account.endSessions(new StreamError('not-authorized', 'the account has been removed'))
      account
        .settled()
        .then(() => host.accounts.eraseRest(address))
        .catch(failed)
    },
    logOut(address) {
      host.loaded
        .get(address.local)
        ?.endSessions(new StreamError('not-authorized', 'the password has been changed'))
    },
  }
}
