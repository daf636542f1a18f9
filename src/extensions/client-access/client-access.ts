// XEP-0494: Client Access Management
import { integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { ClientSession } from '../../session/client.ts'
import type { LoginRequest } from '../../stream/sasl/login-step.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { clientsElement, namespace } from './client-elements.ts'
import { ClientList } from './client-list.ts'
import { Clients } from './clients.ts'

export type { Clients, KeptClient, KeptToken } from './clients.ts'

/** What other extensions get of this one. */
export interface ClientAccessApi {
  /** What is remembered of the clients of each account. */
  readonly clients: Clients
}

/** Remembers with which clients an account is used; its owner sees them, and shuts them out. */
export const clientAccess = defineExtension({
  name: 'client-access',
  xep: { number: 494, version: '0.1.0' },
  uses: { streamManagement },
  options: {
    maxClients: integer(50, 'clients remembered of one account; beyond it those that were away longest go', {
      min: 1,
    }),
    keepDays: integer(180, 'days after which a client that has not come again is forgotten', { min: 1 }),
  },
  setup(host, apis, options): ClientAccessApi {
    const clients = new Clients(host, options)
    const list = new ClientList(host, clients)
    const idByStream = new WeakMap<object, string>()
    const note = (session: ClientSession): void => list.opened(session, idByStream.get(session.stream))
    host.sessionOpened(note)
    if (apis.streamManagement) host.keep(apis.streamManagement.resumed(note))
    host.offerAtLogin({
      advertise: () => undefined,
      async run(login) {
        await remember(clients, login, idByStream)
        const { peer } = login.stream
        if (peer instanceof ClientSession) note(peer)
        return undefined
      },
    })
    host.account.iq.get(namespace, 'list', async (_iq, _session, account) =>
      clientsElement(await list.of(account)),
    )
    host.account.iq.set(namespace, 'revoke', (iq, _session, account) =>
      list.revoke(account, iq.payload?.attribute('id') ?? ''),
    )
    return { clients }
  },
})

async function remember(
  clients: Clients,
  { user, means, userAgent, stream }: LoginRequest,
  idByStream: WeakMap<object, string>,
): Promise<void> {
  if (userAgent.id === undefined || means === 'guest') return
  idByStream.set(stream, clients.idOf(user, userAgent.id))
  await clients.note(user, userAgent, means)
}
