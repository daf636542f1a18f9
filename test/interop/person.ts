// Somebody who uses @xmpp/client, and keeps what comes.
import { type Client, type ClientOptions, client, type XmlNode } from '@xmpp/client'

const patienceMs = 30_000

/** A person with one client, which comes back by itself until it is stopped: `await using`. */
export class Person implements AsyncDisposable {
  readonly xmpp: Client
  /** Everything this client has sent, stanzas and negotiation. */
  readonly sent: XmlNode[] = []
  readonly errors: Error[] = []
  readonly #inbox: XmlNode[] = []
  #wake: (() => void) | undefined

  constructor(options: ClientOptions) {
    this.xmpp = client({ timeout: patienceMs, ...options })
    this.#listenBeforeOpening()
    this.xmpp.on('error', (error: Error) => this.errors.push(error))
    this.xmpp.on('send', (element: XmlNode) => this.sent.push(element))
    this.xmpp.on('stanza', (stanza: XmlNode) => {
      this.#inbox.push(stanza)
      this.#wake?.()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.xmpp.stop()
  }

  /** The SASL mechanisms that this client has used, in order. */
  get mechanisms(): (string | undefined)[] {
    return this.sent
      .filter(({ name }) => name === 'auth' || name === 'authenticate')
      .map(({ attrs }) => attrs.mechanism)
  }

  /** Takes all stanzas that are `wanted` out of the inbox, without waiting for more. */
  taken(wanted: (stanza: XmlNode) => boolean): XmlNode[] {
    const found = this.#inbox.filter(wanted)
    for (const stanza of found) this.#inbox.splice(this.#inbox.indexOf(stanza), 1)
    return found
  }

  /** Waits for the first stanza that is `wanted`, and takes it out of the inbox. */
  async receive(what: string, wanted: (stanza: XmlNode) => boolean): Promise<XmlNode> {
    const signal = AbortSignal.timeout(patienceMs)
    for (;;) {
      const index = this.#inbox.findIndex(wanted)
      if (index >= 0) return this.#inbox.splice(index, 1)[0] as XmlNode
      await this.#more(signal, what)
    }
  }

  /**
   * The library begins to wait for the server's header only when it is told that its own has been written. The answer
   * may come before that, above all on a busy machine, and would be waited for in vain.
   */
  #listenBeforeOpening(): void {
    const write = this.xmpp.write.bind(this.xmpp)
    this.xmpp.write = (text) => {
      const written = write(text)
      if (this.xmpp.status !== 'opening') return written
      written.catch((error: Error) => this.errors.push(error))
      return Promise.resolve()
    }
  }

  #more(signal: AbortSignal, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#wake = resolve
    const fail = () => reject(new Error(`${what} did not come; what came: ${this.#inbox.join('\n')}`))
    signal.addEventListener('abort', fail)
    return promise.finally(() => signal.removeEventListener('abort', fail))
  }
}
