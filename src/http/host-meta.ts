// XEP-0156, XEP-0487: how else to connect, for those who cannot ask the DNS.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { escapeAttribute } from '../xml/serialize.ts'
import { answerEmpty } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import type { HttpSettings } from './settings.ts'
import type { Visitor } from './visitor.ts'

/** One way to connect (XEP-0487 §2.1). */
interface Link {
  readonly rel: string
  readonly href?: string
  readonly port?: number
}

/** What is told of a domain. */
export interface HostMeta {
  /** The domain in ASCII, as it stands in certificates. */
  readonly domain: string
  /** Where it is reached on the web, without a slash at the end; nothing is told without. */
  readonly url: string
  /** The port of direct TLS (XEP-0368), if there is one. */
  readonly directTlsPort: number | undefined
}

/** What is to be found, and where. */
export type Offered = Pick<HttpSettings, 'addresses' | 'bosh' | 'websocket'>

/** Seconds for which what is told holds. */
const ttlSeconds = 3600

/** The documents at `/.well-known/`. */
export function hostMetaEndpoints(
  metaOf: (hostName: string) => HostMeta | undefined,
  offered: Offered,
): Endpoint[] {
  const answering =
    (write: (meta: HostMeta) => string, type: string) =>
    (request: IncomingMessage, response: ServerResponse, visitor: Visitor): void => {
      const meta = metaOf(visitor.hostName)
      if (!meta) answerEmpty(response, 404)
      else if (request.method === 'GET' || request.method === 'HEAD') answer(response, write(meta), type)
      else answerEmpty(response, 405, { allow: 'GET, HEAD' })
    }
  return [
    {
      path: '/.well-known/host-meta',
      handle: answering((meta) => xrd(linksOf(meta, offered)), 'application/xrd+xml; charset=utf-8'),
    },
    {
      path: '/.well-known/host-meta.json',
      handle: answering(
        (meta) => jrd(meta, linksOf(meta, offered), offered.addresses),
        'application/json; charset=utf-8',
      ),
    },
  ]
}

function answer(response: ServerResponse, text: string, type: string): void {
  const bytes = Buffer.from(text)
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    // XEP-0156 §4: for web clients from everywhere, and these documents only.
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
    'cache-control': `max-age=${ttlSeconds}`,
  })
  response.end(bytes)
}

function linksOf({ url }: HostMeta, { websocket, bosh }: Offered): Link[] {
  const links: Link[] = []
  if (websocket !== false)
    links.push({ rel: 'urn:xmpp:alt-connections:websocket', href: url.replace(/^http/, 'ws') + websocket })
  if (bosh !== false) links.push({ rel: 'urn:xmpp:alt-connections:xbosh', href: url + bosh })
  return links
}

// RFC 6415 §3.1.
function xrd(links: readonly Link[]): string {
  const written = links.map(({ rel, href = '' }) => `<Link rel='${rel}' href='${escapeAttribute(href)}'/>`)
  return `<?xml version='1.0' encoding='utf-8'?><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>${written.join('')}</XRD>`
}

/** RFC 6415 appendix A; with what XEP-0487 asks for where addresses are known, for there they must be told. */
function jrd({ domain, directTlsPort }: HostMeta, links: readonly Link[], ips: readonly string[]): string {
  if (ips.length === 0) return JSON.stringify({ links })
  const all = [...links]
  if (directTlsPort !== undefined) all.push({ rel: 'urn:xmpp:alt-connections:tls', port: directTlsPort })
  const full = all.map((link, index) => ({
    ...link,
    ips,
    priority: 10 * (index + 1),
    weight: 50,
    sni: sniOf(link, domain),
  }))
  return JSON.stringify({ xmpp: { ttl: ttlSeconds }, links: full })
}

function sniOf({ href }: Link, domain: string): string {
  return (href === undefined ? undefined : URL.parse(href)?.hostname) ?? domain
}
