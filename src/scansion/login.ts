// From an open connection to a bound resource: TLS, SASL, binding, the legacy session.
import { randomBytes } from 'node:crypto'
import type { Element } from '../xml/element.ts'
import { escapeText } from '../xml/serialize.ts'
import { streamNamespace } from './names.ts'
import { ScramExchange, type ScramHash } from './scram.ts'
import type { Character } from './script.ts'
import type { Wire } from './wire.ts'

/**
 * How TLS is used. `auto`: STARTTLS where the server leaves no other way. `starttls`: always STARTTLS.
 * `direct`: TLS from the first byte. `none`: never.
 */
export type Security = 'auto' | 'starttls' | 'direct' | 'none'

/** The server does not let the character in, or does not speak as RFC 6120 asks. */
export class LoginFailure extends Error {
  override readonly name = 'LoginFailure'
}

const tlsNamespace = 'urn:ietf:params:xml:ns:xmpp-tls'
const saslNamespace = 'urn:ietf:params:xml:ns:xmpp-sasl'
const bindNamespace = 'urn:ietf:params:xml:ns:xmpp-bind'
const sessionNamespace = 'urn:ietf:params:xml:ns:xmpp-session'
const scramHashes: Readonly<Record<string, ScramHash>> = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-1': 'sha1' }

/**
 * Logs a character in; returns its full address as the server bound it.
 * @throws LoginFailure if the server refuses
 * @throws WireEnded if the connection ends before that
 */
export async function logIn(wire: Wire, character: Character, security: Security): Promise<string> {
  let features = await openStream(wire)
  if (wantsTls(features, security)) features = await secure(wire)
  await authenticate(wire, character, mechanismsOf(features))
  features = await openStream(wire)
  const fullJid = await bind(wire, character.resource)
  if (features.child('session', sessionNamespace)) {
    await request(wire, 'scs-session', `<session xmlns='${sessionNamespace}'/>`)
  }
  return fullJid
}

async function openStream(wire: Wire): Promise<Element> {
  wire.openStream()
  const features = await wire.next()
  if (features.is('features', streamNamespace)) return features
  throw new LoginFailure(`the server answers the stream header with ${conditionOf(features)}`)
}

function mechanismsOf(features: Element): string[] {
  const list = features.child('mechanisms', saslNamespace)
  return (list?.elements('mechanism') ?? []).map((mechanism) => mechanism.text.trim())
}

function wantsTls(features: Element, security: Security): boolean {
  const offer = features.child('starttls', tlsNamespace)
  if (security === 'starttls') {
    if (!offer) throw new LoginFailure('the server does not offer STARTTLS')
    return true
  }
  if (security !== 'auto' || !offer) return false
  return offer.child('required') !== undefined || mechanismsOf(features).length === 0
}

async function secure(wire: Wire): Promise<Element> {
  wire.write(`<starttls xmlns='${tlsNamespace}'/>`)
  const answer = await wire.next()
  if (!answer.is('proceed', tlsNamespace)) throw new LoginFailure('the server refuses STARTTLS')
  await wire.startTls()
  return openStream(wire)
}

async function authenticate(wire: Wire, character: Character, offered: readonly string[]): Promise<void> {
  const username = character.bareJid.slice(0, character.bareJid.lastIndexOf('@'))
  if (offered.includes('PLAIN')) return plain(wire, username, character.password)
  for (const [mechanism, hash] of Object.entries(scramHashes)) {
    if (offered.includes(mechanism)) {
      const nonce = randomBytes(18).toString('base64')
      return scram(wire, mechanism, new ScramExchange(hash, username, character.password, nonce))
    }
  }
  const list = offered.length === 0 ? 'none' : offered.join(', ')
  throw new LoginFailure(
    `the server offers no mechanism known here (PLAIN, SCRAM-SHA-256, SCRAM-SHA-1), but ${list}`,
  )
}

async function plain(wire: Wire, username: string, password: string): Promise<void> {
  const answer = await saslStep(wire, `auth mechanism='PLAIN'`, 'auth', `\0${username}\0${password}`)
  if (answer.name !== 'success') throw refusal(answer)
}

async function scram(wire: Wire, mechanism: string, exchange: ScramExchange): Promise<void> {
  const challenge = await saslStep(wire, `auth mechanism='${mechanism}'`, 'auth', exchange.first)
  if (challenge.name !== 'challenge') throw refusal(challenge)
  const final = await exchange.final(decode(challenge))
  if (final === undefined) throw new LoginFailure(`the server's ${mechanism} challenge is not valid`)
  let answer = await saslStep(wire, 'response', 'response', final)
  if (answer.name !== 'challenge' && answer.name !== 'success') throw refusal(answer)
  if (!exchange.isServer(decode(answer))) {
    throw new LoginFailure(`the server's ${mechanism} signature is wrong: it does not know the password`)
  }
  if (answer.name === 'challenge') answer = await saslStep(wire, 'response', 'response', '')
  if (answer.name !== 'success') throw refusal(answer)
}

function saslStep(wire: Wire, start: string, name: string, text: string): Promise<Element> {
  wire.write(`<${start} xmlns='${saslNamespace}'>${Buffer.from(text).toString('base64')}</${name}>`)
  return wire.next()
}

function decode(answer: Element): string {
  return Buffer.from(answer.text, 'base64').toString()
}

function refusal(answer: Element): LoginFailure {
  return new LoginFailure(`the server refuses the log-in: ${conditionOf(answer)}`)
}

async function bind(wire: Wire, resource: string | undefined): Promise<string> {
  const wish = resource === undefined ? '' : `<resource>${escapeText(resource)}</resource>`
  const result = await request(wire, 'scs-bind', `<bind xmlns='${bindNamespace}'>${wish}</bind>`)
  const bound = result.child('bind', bindNamespace)?.child('jid')?.text.trim()
  if (!bound) throw new LoginFailure('the server has bound no address')
  return bound
}

async function request(wire: Wire, id: string, payload: string): Promise<Element> {
  wire.write(`<iq type='set' id='${id}'>${payload}</iq>`)
  for (;;) {
    const answer = await wire.next()
    if (answer.is('error', streamNamespace)) throw refusal(answer)
    if (answer.name !== 'iq' || answer.attribute('id') !== id) continue
    if (answer.attribute('type') === 'result') return answer
    throw refusal(answer.child('error') ?? answer)
  }
}

/** The condition inside an error or failure, and its text. */
export function conditionOf(element: Element): string {
  const [condition] = element.elements().filter((child) => child.name !== 'text')
  const text = element.elements().find((child) => child.name === 'text')?.text
  return (condition?.name ?? element.name) + (text ? ` (${text})` : '')
}
