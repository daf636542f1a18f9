// RFC 5929, RFC 9266: what of a TLS connection a log-in can be bound to.
import { createHash, type X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { ChannelBindingType } from './sasl/channel-binding.ts'

const exporterBytes = 32
/** RSASSA-PSS (RFC 4055 §3.1), whose hash function stands behind it. */
const pssOid = Buffer.from('06092a864886f70d01010a', 'hex')
const sha2Oid = Buffer.from('06096086480165030402', 'hex')
const sha2Names: Readonly<Record<number, string>> = { 1: 'sha256', 2: 'sha384', 3: 'sha512', 4: 'sha224' }

/** The channel bindings of one connection whose handshake is over; each is worked out once. */
export class TlsBindings {
  readonly #socket: TLSSocket
  readonly #known = new Map<ChannelBindingType, Uint8Array | undefined>()

  constructor(socket: TLSSocket) {
    this.#socket = socket
  }

  /** The data of a type; `undefined` where this connection has none. */
  of(type: ChannelBindingType): Uint8Array | undefined {
    if (!this.#known.has(type)) this.#known.set(type, makers[type](this.#socket))
    return this.#known.get(type)
  }
}

const makers: Readonly<Record<ChannelBindingType, (socket: TLSSocket) => Uint8Array | undefined>> = {
  'tls-exporter'(socket) {
    // RFC 9266 §4.2: before TLS 1.3 only with extended master secrets, and it cannot be seen whether there are.
    if (socket.getProtocol() !== 'TLSv1.3') return undefined
    return socket.exportKeyingMaterial(exporterBytes, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
  },
  'tls-server-end-point'(socket) {
    const certificate = socket.getX509Certificate()
    return certificate && endPointOf(certificate)
  },
  // RFC 5929 §3.1: the first Finished message: the client's, or of a session that is resumed the server's.
  'tls-unique'(socket) {
    const finished = socket.isSessionReused() ? socket.getFinished() : socket.getPeerFinished()
    return finished === undefined || typeof finished === 'string' ? undefined : finished
  },
}

/** RFC 5929 §4.1: the hash of the certificate, by the function of its signature; `undefined` where that has none. */
export function endPointOf(certificate: X509Certificate): Uint8Array | undefined {
  const hash = hashOf(certificate)
  return hash === undefined ? undefined : createHash(hash).update(certificate.raw).digest()
}

function hashOf({ signatureAlgorithm, raw }: X509Certificate): string | undefined {
  const name = /(sha|md)-?(\d+)/i.exec(signatureAlgorithm ?? '')
  if (name) {
    const hash = `${name[1]}${name[2]}`.toLowerCase()
    return hash === 'md5' || hash === 'sha1' ? 'sha256' : hash
  }
  return hashOfPss(raw)
}

function hashOfPss(raw: Buffer): string | undefined {
  const start = raw.indexOf(pssOid)
  if (start < 0) return undefined
  const parameters = raw.subarray(start + pssOid.length, start + pssOid.length + 30)
  const hash = parameters.indexOf(sha2Oid)
  // Without a name it is SHA-1, in place of which SHA-256 is taken.
  return hash < 0 ? 'sha256' : sha2Names[parameters[hash + sha2Oid.length] as number]
}
