// RFC 6455 §10.2, RFC 6454: from which pages browsers may connect.
import type { IncomingMessage } from 'node:http'
import type { Visitor } from './visitor.ts'

/** Whether `text` is an origin, or `*`. */
export function isOrigin(text: string): boolean {
  return text === '*' || /^https?:\/\/[^/]+\/?$/.test(text)
}

/** The pages that may connect: those of the same host, and those that are named. */
export class Origins {
  readonly #named: ReadonlySet<string>

  /** `*` stands for all; others are written as `https://chat.example.org`. */
  constructor(named: readonly string[]) {
    this.#named = new Set(named.map((origin) => origin.toLowerCase().replace(/\/$/, '')))
  }

  /** The origin of a request, if it has one and it may connect; `null` if it may not. */
  check(request: IncomingMessage, visitor: Visitor): string | undefined | null {
    const { origin } = request.headers
    // Not a browser: whoever can leave it out could as well write anything.
    if (origin === undefined) return undefined
    if (this.#named.has('*') || this.#named.has(origin.toLowerCase())) return origin
    const page = URL.parse(origin)
    if (!page || visitor.authority === '') return null
    // The port that goes without saying may be said.
    return page.host === URL.parse(`${page.protocol}//${visitor.authority}`)?.host ? origin : null
  }
}
