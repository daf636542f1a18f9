// XEP-0175: Best Practices for Use of SASL ANONYMOUS
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { Mechanism } from '../../stream/sasl/mechanism.ts'
import { GuestBook } from './guest-book.ts'
import { restrictGuests } from './restrictions.ts'

/** What others may ask of the guests of a host. */
export interface Guests {
  /** How many are here. */
  readonly count: number
}

/** Lets people in who have no account. They are given a name that nobody can guess, and are forgotten when they leave. */
export const guests = defineExtension({
  name: 'guests',
  xep: { number: 175, version: '1.2' },
  options: {
    most: integer(500, 'guests at a time', { min: 1 }),
    mostPerAddress: integer(
      20,
      'guests at a time from one IPv4 address or IPv6 network of 64 bits; 0 for any number',
    ),
  },
  setup(host, _apis, options): Guests {
    const book = new GuestBook(host, options)
    restrictGuests(host)
    host.offerMechanism(anonymous(book))
    host.sessionOpened((session) => book.came(session))
    host.sessionEnded((session) => book.left(session))
    host.keep(() => book.close())
    // Who was there when the server was killed.
    book.sweep().catch((error: unknown) => host.log.error('guests not forgotten', { error }))
    return {
      get count() {
        return book.count
      },
    }
  },
})

// RFC 4505 §2: what the client says is for tracing, and nobody traces here.
function anonymous(book: GuestBook): Mechanism {
  return {
    name: 'ANONYMOUS',
    takesSilence: true,
    isOffered: () => true,
    begin: ({ stream }) => ({
      user: undefined,
      async next() {
        const user = await book.admit(stream.remoteAddress)
        return user ? { login: { user, means: 'guest' } } : { failure: 'temporary-auth-failure' }
      },
    }),
  }
}
