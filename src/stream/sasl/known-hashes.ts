// XEP-0388 §2.1: for which hashes the account named in a stream's header has keys, so that no other mechanism is offered.
import { type ScramHash, scramHashes } from '../credentials.ts'
import type { XmlStream } from '../stream.ts'

/** What every account has keys for. */
const always: readonly ScramHash[] = ['sha-256', 'sha-1']

/** What is known of the accounts that clients name before they log in. */
export class KnownHashes {
  readonly #byStream = new WeakMap<XmlStream, readonly ScramHash[]>()

  /** Looks at the account that the header of a stream names; one that does not exist looks like a new one. */
  prepare(stream: XmlStream): void | Promise<void> {
    const { from, domain } = stream
    if (!from?.local || !domain || from.domain !== domain.domain.domain) return
    const hashes = domain.credentials.hashesOf?.(from.local)
    return hashes?.then((found) => {
      this.#byStream.set(stream, found ?? scramHashes)
    })
  }

  /** The hashes for which whoever may log in on a stream has keys. */
  of(stream: XmlStream): readonly ScramHash[] {
    return this.#byStream.get(stream) ?? always
  }

  /** The hashes for which the account that a stream's header names has no keys. */
  missing(stream: XmlStream): readonly ScramHash[] {
    const known = this.#byStream.get(stream)
    return known && known.length > 0 ? scramHashes.filter((hash) => !known.includes(hash)) : []
  }
}
