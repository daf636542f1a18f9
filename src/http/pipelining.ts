// RFC 9112 §9.3.2: requests that come before the earlier ones of their connection are answered.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests of one connection that may wait for their answers. Browsers send one; a file stays open for each. */
export const mostPipelined = 16

/** Counts the requests of each connection. */
export class Pipelining {
  readonly #unansweredBySocket = new WeakMap<Socket, number>()

  /** Counts a request until it is answered; false if there are too many. */
  begin({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const unanswered = (this.#unansweredBySocket.get(socket) ?? 0) + 1
    this.#unansweredBySocket.set(socket, unanswered)
    response.once('close', () => {
      this.#unansweredBySocket.set(socket, (this.#unansweredBySocket.get(socket) ?? 1) - 1)
    })
    return unanswered <= mostPipelined
  }
}
