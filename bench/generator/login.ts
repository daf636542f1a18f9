// How a client of the benchmark logs in: SASL PLAIN without TLS, or the relay's bare greeting.
import type { Connection } from './connection.ts'
import { encodeForTcp, encodeForWebSocket } from './encoding.ts'

/** The domain of all accounts of the benchmark. */
export const domain = 'localhost'
/** The domain of all rooms of the benchmark. */
export const roomDomain = 'rooms.localhost'
/** The resource that every client binds. */
export const resource = 'bench'
/** The password of every account of the benchmark. */
export const password = 'benchmark'

/** The local part of the account with this index. */
export function accountName(index: number): string {
  return `user${index}`
}

/** The local parts of the first accounts. */
export function accountNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => accountName(index))
}

/** The full address of the client of this account. */
export function addressOf(index: number): string {
  return `${accountName(index)}@${domain}/${resource}`
}

/** Brings a fresh connection to where it may send stanzas; rejects when the server refuses. */
export type LogIn = (connection: Connection, account: number) => Promise<void>

/** How a client opens a stream. */
export const streamHeader = `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`
/** How a client asks for its resource. */
export const bindRequest = `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`

function authOf(account: number): string {
  const credentials = Buffer.from(`\0${accountName(account)}\0${password}`).toString('base64')
  return `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${credentials}</auth>`
}

/** RFC 6120: stream, SASL PLAIN, stream, resource binding. */
export const logInToXmpp: LogIn = async (connection, account) => {
  await connection.ask(streamHeader, /<\/stream:features>/)
  await connection.ask(authOf(account), /<success[^>]*>/)
  await connection.ask(streamHeader, /<\/stream:features>/)
  await connection.ask(bindRequest, /<\/iq>/)
}

const closeMessage = `<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>`
const openMessage = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${domain}' version='1.0'/>`

/** RFC 7395 §3.1: the handshake; answers what opens a stream then. */
export async function openWebSocket(connection: Connection): Promise<string> {
  connection.encode = encodeForTcp
  const lines = [
    'GET /xmpp-websocket HTTP/1.1',
    `Host: ${domain}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: xmpp',
  ]
  await connection.ask(`${lines.join('\r\n')}\r\n\r\n`, /^HTTP\/1\.1 101 .*\r\n\r\n$/s)
  connection.encode = encodeForWebSocket
  return openMessage
}

/** RFC 7395: the same over WebSocket. */
export const logInToWebSocket: LogIn = async (connection, account) => {
  await openWebSocket(connection)
  await connection.ask(openMessage, /<\/stream:features>/)
  await connection.ask(authOf(account), /<success[^>]*>/)
  await connection.ask(openMessage, /<\/stream:features>/)
  await connection.ask(bindRequest, /<\/iq>/)
}

/** The relay asks for no more than the address. */
export const logInToRelay: LogIn = async (connection, account) => {
  await connection.ask(`<hello from='${addressOf(account)}'/>`, /<hello\/>/)
}

/** Puts a client of the relay into a room; what is sent to its address comes to all who are in it. */
export async function enterRelayRoom(connection: Connection, room: string): Promise<void> {
  await connection.ask(`<enter to='${room}'/>`, /<enter\/>/)
}

const rosterRequest = `<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>`

/** Does what a client does after logging in: gets the roster and sends its first presence. */
export async function becomeAvailable(connection: Connection): Promise<void> {
  await connection.ask(rosterRequest, /<\/iq>|<iq[^>]*type=["']result["'][^>]*\/>/)
  connection.write('<presence/>')
}

/** Closes the stream politely and waits until the server has done so too. */
export async function logOut(connection: Connection): Promise<void> {
  if (connection.encode === encodeForWebSocket) await connection.ask(closeMessage, /<close/)
  else await connection.ask('</stream:stream>', /<\/stream:stream>/)
}
