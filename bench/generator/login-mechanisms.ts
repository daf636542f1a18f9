// How a client of the benchmark logs in by other means than PLAIN: SCRAM, and a token together with binding.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import {
  accountName,
  bindRequest,
  type LogIn,
  openWebSocket,
  password,
  resource,
  streamHeader,
} from './login.ts'

const hmac = (key: Uint8Array | string, text: string) => createHmac('sha256', key).update(text).digest()
const encode = (data: Uint8Array | string) => Buffer.from(data).toString('base64')
const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"

/** What of a password costs much to work out, and a client keeps (RFC 5802 §5.1). */
interface ClientKeys {
  readonly clientKey: Buffer
  readonly storedKey: Buffer
}

/** Logs in with SCRAM-SHA-256, as clients that know the salt already. */
export function scramLogIn(): LogIn {
  const keysBySalt = new Map<string, ClientKeys>()
  const keysFor = (salt: string, iterations: number): ClientKeys => {
    const known = keysBySalt.get(salt)
    if (known) return known
    const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, 32, 'sha256')
    const clientKey = hmac(salted, 'Client Key')
    const keys = { clientKey, storedKey: createHash('sha256').update(clientKey).digest() }
    keysBySalt.set(salt, keys)
    return keys
  }
  return async (connection, account) => {
    await connection.ask(streamHeader, /<\/stream:features>/)
    const bare = `n=${accountName(account)},r=benchmark`
    const first = `<auth ${sasl} mechanism='SCRAM-SHA-256'>${encode(`n,,${bare}`)}</auth>`
    const challenge = />([^<]+)<\/challenge>/.exec(await connection.ask(first, /<\/challenge>/))?.[1] ?? ''
    const serverFirst = Buffer.from(challenge, 'base64').toString()
    const [, nonce, salt = '', iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(serverFirst) ?? []
    const { clientKey, storedKey } = keysFor(salt, Number(iterations))
    const withoutProof = `c=biws,r=${nonce}`
    const signature = hmac(storedKey, `${bare},${serverFirst},${withoutProof}`)
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number))
    const final = encode(`${withoutProof},p=${encode(proof)}`)
    await connection.ask(`<response ${sasl}>${final}</response>`, /<success[^>]*>/)
    await connection.ask(streamHeader, /<\/stream:features>/)
    await connection.ask(bindRequest, /<\/iq>/)
  }
}

const mechanism = 'HT-SHA-256-NONE'
const told = /<\/success>/

/** Logs in with a token (XEP-0484) and binds (XEP-0386) in one go, over WebSocket; the first time with the password. */
export function tokenLogIn(): LogIn {
  const tokens = new Map<number, string>()
  return async (connection, account) => {
    const token = tokens.get(account)
    const open = await openWebSocket(connection)
    connection.write(open)
    const answer = await connection.ask(
      token === undefined ? withPassword(account) : withToken(account, token),
      told,
    )
    const given = / token=["']([^"']+)["']/.exec(answer)?.[1]
    if (given !== undefined) tokens.set(account, given)
  }
}

function withPassword(account: number): string {
  const message = encode(`\0${accountName(account)}\0${password}`)
  return authenticate(
    'PLAIN',
    message,
    account,
    `<request-token xmlns='urn:xmpp:fast:0' mechanism='${mechanism}'/>`,
  )
}

function withToken(account: number, token: string): string {
  const message = Buffer.concat([Buffer.from(`${accountName(account)}\0`), hmac(token, 'Initiator')])
  return authenticate(mechanism, encode(message), account, "<fast xmlns='urn:xmpp:fast:0'/>")
}

function authenticate(name: string, message: string, account: number, more: string): string {
  const agent = `00000000-0000-4000-8000-${String(account).padStart(12, '0')}`
  const bind = `<bind xmlns='urn:xmpp:bind:0'><tag>${resource}</tag></bind>`
  return `<authenticate xmlns='urn:xmpp:sasl:2' mechanism='${name}'><initial-response>${message}</initial-response><user-agent id='${agent}'/>${bind}${more}</authenticate>`
}
