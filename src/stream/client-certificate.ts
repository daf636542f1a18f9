// XEP-0178 §2: the addresses in the certificate that a client has shown.
import type { TLSSocket } from 'node:tls'

/** Bare addresses in the peer's certificate, where somebody trusted has signed it; none otherwise. */
export function certificateAddresses(socket: TLSSocket): readonly string[] {
  if (!isTrusted(socket)) return []
  return addressesIn(socket.getPeerX509Certificate()?.subjectAltName ?? '')
}

/** What Node's own server asks to find out whether a connection is `authorized`; this one did not come from there. */
interface Verified {
  readonly _handle?: { verifyError?(): Error | null }
}

function isTrusted(socket: TLSSocket): boolean {
  const { _handle: handle } = socket as unknown as Verified
  return socket.getPeerX509Certificate() !== undefined && handle?.verifyError?.() === null
}

/**
 * The addresses in a subjectAltName as Node shows it: those for XMPP (RFC 6120 §13.7.1.4), or where there are none those
 * for mail. What it had to put into quotation marks is no address.
 */
export function addressesIn(subjectAltName: string): readonly string[] {
  const names = subjectAltName.match(/(?:[^",]|"(?:\\.|[^"\\])*")+/g)?.map((name) => name.trim()) ?? []
  const named = (prefix: string) =>
    names
      .filter((name) => name.startsWith(prefix) && !name.includes('"'))
      .map((name) => name.slice(prefix.length))
  const own = named('othername:XmppAddr:')
  return own.length > 0 ? own : named('email:')
}
