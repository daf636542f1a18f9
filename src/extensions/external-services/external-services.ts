// XEP-0215: External Service Discovery
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { flag } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { formatDate } from '../../stanza/delay.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'

const namespace = 'urn:xmpp:extdisco:2'

const serviceSchema = z.strictObject({
  type: z.string().describe('stun, turn, turns, ftp…'),
  host: z.string().describe('name or address of the machine'),
  port: z.int().min(1).max(65_535).optional(),
  transport: z.enum(['tcp', 'udp']).optional(),
  name: z.string().optional().describe('what people call it'),
  username: z.string().optional().describe('a name that is told to everybody'),
  password: z.string().optional().describe('a password that is told to everybody'),
  secret: z
    .string()
    .optional()
    .describe('shared with a TURN server: names and passwords that end are made of it'),
  ttlSeconds: z.int().min(60).default(86_400).describe('how long such a password holds'),
})

type Service = z.output<typeof serviceSchema>

/** Tells accounts of services beside the server, with passwords where they need some: relays for calls above all. */
export const externalServices = defineExtension({
  name: 'external-services',
  xep: { number: 215, version: '1.0.0' },
  options: {
    services: z
      .array(serviceSchema)
      .default([])
      .describe('the services, in the order in which they are told'),
    tellExpiry: flag(true, 'whether the end of a password is told beside it'),
  },
  setup(host, _apis, { services, tellExpiry }) {
    if (services.length === 0) return
    host.advertise(namespace)
    const tell = (service: Service) => serviceElement(host, service, tellExpiry)
    host.iq.get(namespace, 'services', (iq) => {
      checkOwn(host, iq)
      const type = iq.payload?.attribute('type')
      const told = services.filter((service) => type === undefined || service.type === type)
      return element('services', namespace, {}, ...told.map(tell))
    })
    host.iq.get(namespace, 'credentials', (iq) => {
      checkOwn(host, iq)
      const told = requested(iq.payload as Element, services)
      return element('credentials', namespace, {}, ...told.map(tell))
    })
  },
})

// Passwords are for the accounts of this host.
function checkOwn(host: ScopedHost, iq: Iq): void {
  if (iq.from.domain !== host.domain.domain || iq.from.local === '') throw new StanzaError('forbidden')
}

/** §3.3: services of one host and type, and port if one is named. */
function requested(credentials: Element, services: readonly Service[]): Service[] {
  const asked = credentials.child('service')
  const host = asked?.attribute('host')
  const type = asked?.attribute('type')
  const port = asked?.attribute('port')
  if (host === undefined || type === undefined)
    throw new StanzaError('bad-request', 'host and type are needed')
  const found = services.filter(
    (service) =>
      service.host === host && service.type === type && (port === undefined || String(service.port) === port),
  )
  if (found.length === 0) throw new StanzaError('item-not-found', 'no such service')
  return found
}

function serviceElement(host: ScopedHost, service: Service, tellExpiry: boolean): Element {
  const { type, port, transport, name } = service
  const login = loginOf(host, service)
  return element('service', namespace, {
    type,
    host: service.host,
    port: port === undefined ? undefined : String(port),
    transport,
    name,
    restricted: login.password === undefined ? undefined : '1',
    username: login.username,
    password: login.password,
    expires: tellExpiry && login.expires !== undefined ? formatDate(login.expires) : undefined,
  })
}

/** A fixed login, or one that ends: the user name is the time of its end, the password its HMAC (TURN REST API). */
function loginOf(
  host: ScopedHost,
  { secret, ttlSeconds, username, password }: Service,
): { username?: string | undefined; password?: string | undefined; expires?: number } {
  if (secret === undefined) return { username, password }
  const ends = Math.floor(host.clock.now() / 1000) + ttlSeconds
  const made = username === undefined ? String(ends) : `${ends}:${username}`
  const hash = createHmac('sha1', secret).update(made).digest('base64')
  return { username: made, password: hash, expires: ends * 1000 }
}
