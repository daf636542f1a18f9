// The configuration of a server that is run, as opposed to embedded: what may be set, its defaults and what each means.
import { isIP } from 'node:net'
import { z } from 'zod'
import { flag, oneOf, optionalText, text, texts } from '../base/options.ts'
import { isOrigin } from '../http/origins.ts'
import { defaultHttpSettings } from '../http/settings.ts'
import { isNetwork } from '../http/visitor.ts'
import { parseJid } from '../jid/jid.ts'
import { limitsSchema } from './config-limits.ts'

const isDomain = (value: string) => {
  const address = parseJid(value)
  return address !== undefined && address.local === '' && address.isBare
}
const isAccount = (value: string) => {
  const address = parseJid(value)
  return address !== undefined && address.local !== '' && address.isBare
}

const domain = z.string().refine(isDomain, 'a domain such as "example.org"')
const account = z.string().refine(isAccount, 'an address such as "anna@example.org"')
const port = z
  .union([z.literal(false), z.int('a port from 0 to 65535').min(0).max(65535)])
  .describe('port; 0 for any free one, false for none')

const certificate = z
  .strictObject({
    certificate: text('', 'file with the certificate and what is between it and its root, PEM'),
    key: text('', 'file with the private key, PEM'),
  })
  .refine(({ certificate, key }) => certificate !== '' || key === '', {
    path: ['certificate'],
    error: 'a file, for certificate and key belong together',
  })
  .refine(({ certificate, key }) => key !== '' || certificate === '', {
    path: ['key'],
    error: 'a file, for certificate and key belong together',
  })

/** What a domain with accounts can have beside it, on domains of their own. */
export const serviceKinds = ['rooms', 'pubsub', 'upload'] as const
export type ServiceKind = (typeof serviceKinds)[number]

const serviceDomain = (kind: ServiceKind, what: string) =>
  z
    .union([z.literal(false), domain])
    .optional()
    .describe(`domain of ${what}; \`${kind}.\` before the domain if left out, false for none`)

const hostShape = {
  rooms: serviceDomain('rooms', 'the room service'),
  pubsub: serviceDomain('pubsub', 'the pubsub service'),
  upload: serviceDomain('upload', 'the service that takes files'),
  admins: z
    .array(account)
    .optional()
    .describe('addresses of those who administer the domain; the first account if left out'),
  extensions: z
    .record(z.string(), z.union([z.boolean(), z.record(z.string(), z.unknown())]))
    .default({})
    .describe('by name: false to leave one of the usual extensions out, true to load it, or its options'),
  url: z
    .url({ protocol: /^https?$/, error: 'an address such as "https://chat.example.org"' })
    .optional()
    .describe(
      'where the domain is reached on the web from outside, if that is not `https://` with the domain and the port `listen.https`; say it behind a proxy',
    ),
  tls: certificate.optional().describe('the certificate; one is made at first start and kept if left out'),
  accounts: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'for test servers: passwords by account name; these accounts are made at start if they do not exist',
    ),
  createOnLogin: flag(
    false,
    'for test servers: whoever logs in has an account, with the password that comes first',
  ),
} as const

const listen = z.strictObject({
  address: optionalText(
    'where to listen; if left out, 127.0.0.1 for the domain localhost and all addresses for others',
  ),
  starttls: port.default(5222),
  directTls: port.default(5223),
  https: port.default(5281),
  http: port.default(5280),
  httpAddress: text(
    '127.0.0.1',
    'where to listen for HTTP without TLS, which is for proxies and this machine',
  ),
})

const webPath = z
  .union([z.literal(false), z.string().regex(/^(?:\/[\w~-][\w.~-]*)+$/, 'a path such as "/xmpp-websocket"')])
  .describe('path, false for none')

const web = z.strictObject({
  websocket: webPath.default(defaultHttpSettings.websocket).describe('path of WebSocket, false for none'),
  bosh: webPath.default(defaultHttpSettings.bosh).describe('path of BOSH, false for none'),
  origins: texts(
    defaultHttpSettings.origins,
    'pages on other hosts, such as "https://chat.example.org", from which browsers may connect; "*" for all',
  ).refine((origins) => origins.every(isOrigin), 'origins such as "https://chat.example.org", or "*"'),
  addresses: texts(
    defaultHttpSettings.addresses,
    'IP addresses at which the server is reached from outside; clients that find them in host-meta need not ask the DNS (XEP-0487)',
  ).refine((addresses) => addresses.every((address) => isIP(address) !== 0), 'IP addresses'),
  trustedProxies: texts(
    defaultHttpSettings.trustedProxies,
    'addresses and networks of proxies that are believed when they say who asks (`X-Forwarded-For`, `-Proto`, `-Host`)',
  ).refine((networks) => networks.every(isNetwork), 'addresses or networks such as "10.0.0.0/8"'),
})

const login = z
  .strictObject({
    requireTls: flag(true, 'whether the connection must be encrypted before log-in'),
    plainWithoutTls: flag(
      false,
      'whether a password may be sent as it is over an unencrypted connection; for tests only',
    ),
    clientAuthorities: optionalText(
      'file with certificates, PEM, of those who sign certificates of clients; who shows one that names an account logs in without a password',
    ),
  })
  .refine(({ requireTls, plainWithoutTls }) => !requireTls || !plainWithoutTls, {
    path: ['plainWithoutTls'],
    error: 'false unless requireTls is false, for it would do nothing',
  })

const log = z.strictObject({
  level: oneOf(
    ['debug', 'info', 'warn', 'error', 'silent'],
    'info',
    'the least important events that are logged',
  ),
  format: oneOf(
    ['auto', 'text', 'json'],
    'auto',
    'text for people, json for programs; auto is text on a terminal',
  ),
  stanzas: flag(false, 'whether all that goes over the wire is shown, passwords too; for development only'),
})

/** Everything that may be set. */
export const configSchema = z.strictObject({
  domain: domain.default('localhost').describe('the domain of the accounts'),
  ...hostShape,
  hosts: z
    .record(domain, z.strictObject(hostShape))
    .default({})
    .describe('further domains, each with what is different there from what stands outside'),
  firstAccount: z
    .union([z.literal(false), z.string().min(1)])
    .default('admin')
    .describe(
      'name of the account that is made when there is none yet, with a printed password; false for none',
    ),
  data: text('./data', 'folder for everything that is kept, made with access for its owner only'),
  storage: z
    .enum(['sqlite', 'memory'])
    .default('sqlite')
    .describe('sqlite keeps everything in the folder; memory forgets everything at the end'),
  listen: listen.prefault({}).describe('where clients connect'),
  web: web.prefault({}).describe('WebSocket, BOSH and what else is served over HTTP'),
  login: login.prefault({}).describe('what logging in needs'),
  resourceConflict: oneOf(
    ['replace', 'refuse', 'rename'],
    'replace',
    'what happens to a session when another one asks for its resource',
  ),
  load: z
    .array(z.unknown())
    .default([])
    .describe('extensions of your own: paths of modules, or in balcony.config.ts the extensions themselves'),
  limits: limitsSchema.prefault({}).describe('how much anybody may take'),
  log: log.prefault({}).describe('what is logged'),
})

/** A configuration as it is written: everything may be left out. */
export type ConfigInput = z.input<typeof configSchema>
/** A configuration as it is used: everything has its value. */
export type Config = z.output<typeof configSchema>
/** What may be different for each domain. */
export const hostSchema = z.strictObject(hostShape)
/** What may be different for each domain, as it is used. */
export type HostSettings = z.output<typeof hostSchema>

/** Gives `balcony.config.ts` its types: `export default defineConfig({ … })`. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}
