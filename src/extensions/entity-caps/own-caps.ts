// XEP-0115 §6.3: the server's own caps, in the features of streams.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { capsNamespace } from '../../stanza/namespaces.ts'
import { element } from '../../xml/element.ts'
import { type Disco, discoInfoElement } from '../disco/disco.ts'
import { verificationOf } from './verification.ts'

// Names the program; there is no page of its own that it could name.
const node = 'urn:x-balcony:server'
const hash = 'sha-1'

/** Tells clients that have logged in what the domain can do, as a hash, and answers for that hash in disco#info. */
export function offerOwnCaps(host: ScopedHost, disco: Disco): void {
  const version = () => verificationOf(discoInfoElement(disco.domainInfo()), hash) ?? ''
  host.offer({
    name: 'entity capabilities',
    needs: ['authenticated'],
    advertise: () => element('c', capsNamespace, { hash, node, ver: version() }),
    accepts: () => false,
    receive() {},
  })
  host.keep(
    disco.addNodes({
      // Only as it is now: what was told earlier may have changed with an extension.
      info: (asked) => (asked === `${node}#${version()}` ? disco.domainInfo() : undefined),
    }),
  )
}
