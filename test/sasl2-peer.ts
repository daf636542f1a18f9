// A server with the usual extensions in memory, and clients that log in with SASL2.

import type { Extension } from '../src/host/extension.ts'
import type { Host } from '../src/host/host.ts'
import { jid } from '../src/jid/jid.ts'
import type { MemoryPairOptions } from '../src/stream/memory.ts'
import { type InMemory, inMemoryServer } from './in-memory.ts'
import { connectedPeer } from './in-memory-peer.ts'
import { authenticate, fast, phoneId, plainMessage, requestToken, tokenIn, tokenMessage } from './sasl2.ts'
import { header, type TestPeer } from './stream-peer.ts'

/** The mechanism for tokens that needs nothing of the connection. */
export const unbound = 'HT-SHA-256-NONE'

/** What a client asks for besides its resource. */
export const bind = (...children: string[]): string =>
  `<bind xmlns='urn:xmpp:bind:0'><tag>Phone</tag>${children.join('')}</bind>`
/** `<enable/>` of stream management. */
export const enableResumption = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"

/** A server with the accounts `juliet` and `romeo`, whose passwords are `secret`. */
export interface Sasl2Server extends InMemory {
  readonly host: Host
}

/** Starts a server in memory. */
export async function sasl2Server(extensions: readonly Extension[], options = {}): Promise<Sasl2Server> {
  const local = await inMemoryServer({ extensions, options })
  const host = local.server.host('localhost') as Host
  for (const name of ['juliet', 'romeo']) await host.accounts.create(jid(`${name}@localhost`), 'secret')
  return Object.assign(local, { host })
}

/** A client that has opened a stream. */
export async function opened(
  local: InMemory,
  options: MemoryPairOptions & { readonly from?: string } = {},
): Promise<TestPeer & { features: string }> {
  const peer = connectedPeer(local, options)
  const more = options.from === undefined ? '' : ` from='${options.from}'`
  return Object.assign(peer, { features: await peer.exchange(header({ more })) })
}

/** Logs in with the password, with further children; answers the client and what it was told. */
export async function withPassword(
  local: InMemory,
  { agent = phoneId, more = '', username = 'juliet' } = {},
): Promise<{ peer: TestPeer; answer: string }> {
  const peer = await opened(local)
  const message = plainMessage(username, 'secret')
  return { peer, answer: await peer.exchange(authenticate({ mechanism: 'PLAIN', message, agent, more })) }
}

/** Logs in with a token, on a new connection; answers the client and what it was told. */
export async function withToken(
  local: InMemory,
  token: string,
  { agent = phoneId, more = '', attributes = '', mechanism = unbound, username = 'juliet' } = {},
): Promise<{ peer: TestPeer; answer: string }> {
  const peer = await opened(local)
  const message = tokenMessage(username, token)
  const request = authenticate({ mechanism, message, agent, more: fast(attributes) + more })
  return { peer, answer: await peer.exchange(request) }
}

/** A token for somebody's phone, or for another of their clients. */
export async function givenToken(local: InMemory, agent = phoneId): Promise<string> {
  const { peer, answer } = await withPassword(local, { agent, more: requestToken(unbound) })
  peer.transport.destroy()
  return tokenIn(answer)?.token ?? ''
}
