// XEP-0124: where BOSH requests come in, and which session each belongs to.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseBody, type RequestBody, sidIn, writeBody } from '../stream/bosh/body.ts'
import { BoshSession } from '../stream/bosh/bosh.ts'
import type { TerminalCondition } from '../stream/bosh/end.ts'
import { type BoshLimits, defaultBoshLimits } from '../stream/bosh/limits.ts'
import type { Exchange } from '../stream/bosh/requests.ts'
import { answerEmpty } from './answer.ts'
import { readBody } from './body.ts'
import type { Endpoint } from './endpoint.ts'
import type { Origins } from './origins.ts'
import type { StreamEntrance } from './stream-entrance.ts'
import type { Visitor } from './visitor.ts'

const usualContent = 'text/xml; charset=utf-8'
// XEP-0124 §7.1 lets clients choose; nothing that a browser would run.
const possibleContent = /^(?:text\/(?:xml|plain|html)|application\/xml)(?:; ?charset=utf-8)?$/i
// More than one large stanza, for clients may send several at once.
const bodyOverheadBytes = 16 * 1024

interface KnownSession {
  readonly session: BoshSession
  readonly content: string
  /** Requests with more than a few kilobytes that are just coming. */
  largeBodies: number
}

/** The place of BOSH. */
export class BoshEndpoint implements Endpoint {
  readonly path: string
  readonly #origins: Origins
  readonly #entrance: StreamEntrance
  readonly #limits: BoshLimits
  readonly #sessionBySid = new Map<string, KnownSession>()

  constructor(path: string, origins: Origins, entrance: StreamEntrance, limits = defaultBoshLimits) {
    this.path = path
    this.#origins = origins
    this.#entrance = entrance
    this.#limits = limits
  }

  handle(request: IncomingMessage, response: ServerResponse, visitor: Visitor): void {
    const origin = this.#origins.check(request, visitor)
    if (origin === null) answerEmpty(response, 403)
    else {
      if (origin !== undefined) response.setHeader('access-control-allow-origin', origin)
      response.setHeader('vary', 'Origin')
      if (request.method === 'POST') this.#read(request, response, visitor)
      else if (request.method === 'OPTIONS') answerEmpty(response, 200, preflight)
      else answerEmpty(response, 405, { allow: 'OPTIONS, POST' })
    }
  }

  #read(request: IncomingMessage, response: ServerResponse, visitor: Visitor): void {
    const { xmlAfterLogin, xmlBeforeLogin } = this.#entrance.settings.limits
    const elementBytes = xmlAfterLogin.elementBytes + bodyOverheadBytes
    const usualBytes = xmlBeforeLogin.elementBytes + bodyOverheadBytes
    const bytesFor = (beginning: Buffer) => (this.#takesMuch(beginning, request) ? elementBytes : usualBytes)
    readBody(request, response, { usualBytes, bytesFor }, (bytes) => {
      const body = parseBody(bytes, { ...xmlAfterLogin, elementBytes })
      if (!body) refuse(response, 'bad-request')
      else if (body.sid === undefined) this.#create(body, response, visitor)
      else this.#pass(body, body.sid, response, visitor)
    })
  }

  /** Only who is logged in sends much, and not more at a time than there may be requests. */
  #takesMuch(beginning: Buffer, request: IncomingMessage): boolean {
    const known = this.#sessionBySid.get(sidIn(beginning) ?? '')
    if (!known?.session.isTrusted || known.largeBodies > this.#limits.hold + 1) return false
    known.largeBodies += 1
    request.once('close', () => {
      known.largeBodies -= 1
    })
    return true
  }

  #pass(body: RequestBody, sid: string, response: ServerResponse, visitor: Visitor): void {
    const known = this.#sessionBySid.get(sid)
    if (!known) refuse(response, 'item-not-found')
    // XEP-0124 §19.2: not the session's fault, and no way to end it.
    else if (known.session.isSecure && !visitor.isSecure) response.destroy()
    else known.session.take(exchangeOf(body, response, known.content, () => known.session.lost()))
  }

  #create(body: RequestBody, response: ServerResponse, visitor: Visitor): void {
    if (body.to === undefined || body.to === '') {
      refuse(response, 'improper-addressing')
    } else if (body.content !== undefined && !possibleContent.test(body.content)) {
      refuse(response, 'bad-request')
    } else if (!this.#entrance.admit(visitor.address)) {
      refuse(response, 'policy-violation')
    } else this.#open(body, response, visitor)
  }

  #open(body: RequestBody, response: ServerResponse, visitor: Visitor): void {
    const { settings } = this.#entrance
    const sid = settings.ids.id()
    const session = new BoshSession(body, {
      sid,
      remoteAddress: visitor.address,
      isSecure: visitor.isSecure,
      limits: this.#limits,
      clock: settings.clock,
      onEnd: () => void this.#sessionBySid.delete(sid),
    })
    const content = body.content ?? usualContent
    this.#sessionBySid.set(sid, { session, content, largeBodies: 0 })
    this.#entrance.open(session)
    session.take(exchangeOf(body, response, content, () => session.lost()))
  }
}

const preflight = {
  'access-control-allow-methods': 'OPTIONS, POST',
  'access-control-allow-headers': 'Content-Type',
  'access-control-max-age': '86400',
}

/** A request and the way back to who sent it; `onLost` is called if that breaks before an answer. */
function exchangeOf(
  body: RequestBody,
  response: ServerResponse,
  content: string,
  onLost: () => void,
): Exchange {
  const exchange = {
    body,
    isLost: false,
    answer(status: number, bytes: Uint8Array) {
      if (!exchange.isLost && !response.headersSent) answerBody(response, status, bytes, content)
    },
  }
  response.once('close', () => {
    if (response.headersSent) return
    exchange.isLost = true
    onLost()
  })
  return exchange
}

function refuse(response: ServerResponse, condition: TerminalCondition): void {
  answerBody(response, 200, writeBody({ type: 'terminate', condition }, []), usualContent)
}

function answerBody(response: ServerResponse, status: number, bytes: Uint8Array, content: string): void {
  response.writeHead(status, {
    'content-type': content,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // What others have written stands in it, and a client may have asked for it as HTML.
    'content-security-policy': "default-src 'none'; sandbox",
  })
  response.end(bytes)
}
