// The limits that an operator can set, and what they mean for streams and hosts.
import { z } from 'zod'
import { decimal, integer } from '../base/options.ts'
import { defaultHostLimits, type HostLimits } from '../host/host-parts.ts'
import { defaultHttpLimits, type HttpLimits } from '../http/settings.ts'
import { defaultStreamLimits, type StreamLimits } from '../stream/limits.ts'

const stream = defaultStreamLimits
const xml = stream.xmlAfterLogin
const http = defaultHttpLimits
const positive = { min: 1 }

/** How much anybody may take. */
export const limitsSchema = z.strictObject({
  connections: integer(stream.connections, 'connections at a time', positive),
  connectionsPerAddress: integer(
    stream.connectionsPerAddress,
    'connections at a time from one IPv4 address or IPv6 network of 64 bits',
    positive,
  ),
  connectionsBeforeLogin: integer(
    stream.connectionsBeforeLogin,
    'connections at a time that have not logged in yet',
    positive,
  ),
  loginSeconds: decimal(stream.negotiationMs / 1000, 'seconds from connecting to having logged in', positive),
  loginAttempts: integer(stream.saslAttempts, 'failed log-ins on one connection', positive),
  bindRetries: integer(stream.bindRetries, 'further requests for a resource after one that failed', {
    min: 5,
    max: 10,
  }),
  loginFailuresPerMinute: decimal(
    stream.loginFailures.perSecond * 60,
    'failed log-ins a minute to one account from one address in the long run, and ten times that to all accounts; more are refused for a while; 0 for any number',
  ),
  loginFailuresAtOnce: integer(
    stream.loginFailures.burst,
    'failed log-ins to one account from one address at once',
    positive,
  ),
  stanzaBytes: integer(xml.elementBytes, 'bytes of one stanza (RFC 6120 §13.12 asks for at least 10000)', {
    min: 10_000,
  }),
  depth: integer(xml.depth, 'elements inside each other in one stanza', { min: 16 }),
  elements: integer(xml.elements, 'elements in one stanza', { min: 64 }),
  attributes: integer(xml.attributes, 'attributes of one element', { min: 16 }),
  valueBytes: integer(xml.valueLength, 'bytes of one attribute', { min: 4096 }),
  bytesPerSecond: integer(
    stream.bytes.perSecond,
    'bytes a second that one client may send in the long run, faster ones are read more slowly; 0 for any number',
  ),
  bytesAtOnce: integer(stream.bytes.burst, 'bytes that one client may send at once after a pause', positive),
  stanzasPerSecond: integer(
    stream.stanzas.perSecond,
    'stanzas a second that one client may send in the long run, faster ones are read more slowly; 0 for any number',
  ),
  stanzasAtOnce: integer(
    stream.stanzas.burst,
    'stanzas that one client may send at once after a pause',
    positive,
  ),
  outputBytes: integer(
    stream.outputLimitBytes,
    'bytes that may wait for a client that does not read, before it is let go',
    { min: 65_536 },
  ),
  stallSeconds: decimal(
    stream.stallMs / 1000,
    'seconds that a client may take nothing of what waits for it',
    positive,
  ),
  keepAliveSeconds: decimal(
    stream.keepAliveMs / 1000,
    'seconds of silence after which a space is sent',
    positive,
  ),
  silenceSeconds: decimal(stream.silenceMs / 1000, 'seconds after which a silent client is let go', positive),
  sessionsPerAccount: integer(
    defaultHostLimits.sessionsPerAccount,
    'clients of one account at a time',
    positive,
  ),
  directedPresence: integer(
    defaultHostLimits.directedPresence,
    'addresses that one session may show itself to beside its contacts',
  ),
  httpConnections: integer(http.connections, 'HTTP connections at a time', positive),
  httpConnectionsPerAddress: integer(
    http.connectionsPerAddress,
    'HTTP connections at a time from one IPv4 address or IPv6 network of 64 bits; trusted proxies may have any number',
    positive,
  ),
  httpHeaderBytes: integer(http.headerBytes, 'bytes of the headers of an HTTP request', { min: 1024 }),
  httpRequestSeconds: decimal(
    http.requestMs / 1000,
    'seconds that an HTTP request with all it sends may take',
    positive,
  ),
  openRequests: integer(
    defaultHostLimits.openRequests,
    'requests of a domain that may wait for their answers',
    positive,
  ),
  openRequestsPerAddress: integer(
    defaultHostLimits.openRequestsPerAddress,
    'requests of a domain to one address that may wait for their answers',
    positive,
  ),
})

/** What the limits mean for the HTTP server. */
export function httpLimitsOf(limits: ConfigLimits): HttpLimits {
  return {
    ...http,
    connections: limits.httpConnections,
    connectionsPerAddress: limits.httpConnectionsPerAddress,
    headerBytes: limits.httpHeaderBytes,
    requestMs: limits.httpRequestSeconds * 1000,
  }
}

/** Limits as they are used. */
export type ConfigLimits = z.output<typeof limitsSchema>

/** What the limits mean for the streams of clients. */
export function streamLimitsOf(limits: ConfigLimits): StreamLimits {
  return {
    ...stream,
    xmlAfterLogin: {
      ...xml,
      elementBytes: limits.stanzaBytes,
      depth: limits.depth,
      elements: limits.elements,
      attributes: limits.attributes,
      valueLength: limits.valueBytes,
    },
    negotiationMs: limits.loginSeconds * 1000,
    negotiationSilenceMs: Math.min(stream.negotiationSilenceMs, limits.loginSeconds * 1000),
    keepAliveMs: limits.keepAliveSeconds * 1000,
    silenceMs: limits.silenceSeconds * 1000,
    stallMs: limits.stallSeconds * 1000,
    outputLimitBytes: limits.outputBytes,
    outputHighWaterBytes: Math.min(stream.outputHighWaterBytes, limits.outputBytes / 4),
    bytes: { perSecond: limits.bytesPerSecond, burst: limits.bytesAtOnce },
    stanzas: { perSecond: limits.stanzasPerSecond, burst: limits.stanzasAtOnce },
    saslAttempts: limits.loginAttempts,
    bindRetries: limits.bindRetries,
    loginFailures: { perSecond: limits.loginFailuresPerMinute / 60, burst: limits.loginFailuresAtOnce },
    connections: limits.connections,
    connectionsPerAddress: limits.connectionsPerAddress,
    connectionsBeforeLogin: limits.connectionsBeforeLogin,
  }
}

/** What the limits mean for accounts and their sessions. */
export function hostLimitsOf(limits: ConfigLimits): Partial<HostLimits> {
  const { sessionsPerAccount, directedPresence, openRequests, openRequestsPerAddress } = limits
  return { sessionsPerAccount, directedPresence, openRequests, openRequestsPerAddress }
}
