// XEP-0313: Message Archive Management
import { decimal, flag, integer, oneOf } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { retractNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import { stanzaIdNamespace } from '../../stanza/stanza-id.ts'
import type { Archive } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import {
  answerMetadata,
  answerQuery,
  expire,
  fulltextNamespace,
  namespace,
  parseArchiveRequest,
  queryForm,
} from '../archive-query/archive-query.ts'
import { offline } from '../offline/offline.ts'
import { roster } from '../roster/roster.ts'
import { keepMessages } from './keep-messages.ts'
import { policies } from './preference-elements.ts'
import { Preferences } from './preferences.ts'

/** What other extensions get of this one. */
export interface ArchiveApi {
  /** Whether a client looks into the archive, and so does not need to be given what came while it was away. */
  hasQueried(session: ClientSession): boolean
  /** The first and the last of what is in an account's archive (§5), as an element. */
  metadata(account: Jid): Promise<Element>
}

/** Keeps what accounts say and are told, and gives it back in pages. */
export const archive = defineExtension({
  name: 'archive',
  xep: { number: 313, version: '1.1.3' },
  furtherXeps: [
    { number: 359, version: '0.7.0' },
    { number: 431, version: '0.2.0' },
    { number: 441, version: '0.2.0' },
  ],
  needs: { roster },
  uses: { offline },
  options: {
    pageSize: integer(50, 'messages of a page for a client that names no number', { min: 1 }),
    maxPageSize: integer(250, 'messages of a page at most', { min: 1 }),
    maxPageLength: integer(1_048_576, 'characters of a page at most; a single message may have more'),
    maxMessages: integer(1_000_000, 'messages kept for one account; beyond it the oldest go', { min: 1 }),
    maxDays: decimal(0, 'days for which messages are kept; 0: without end'),
    maxListed: integer(1000, 'addresses of which one account may say whether to archive them'),
    policy: oneOf(policies, 'always', 'whose messages are archived for accounts that have not said'),
    search: flag(true, 'keep an index of words, so that clients can search'),
  },
  setup(host, apis, options): ArchiveApi {
    const messages: Archive<string> = host.store.archive('archive')
    const preferences = new Preferences(host.store.keyValue('archive-preferences'), apis.roster, options)
    const isSearched = options.search && messages.canSearch
    const askers = new WeakSet<ClientSession>()

    const features = [
      namespace,
      `${namespace}#extended`,
      `${namespace}#groupchat-field`,
      stanzaIdNamespace,
      retractNamespace,
    ]
    for (const feature of features) host.account.advertise(feature)
    if (isSearched) host.account.advertise(fulltextNamespace)
    // XEP-0424 §2: retractions are kept as what they take back.
    host.advertise(retractNamespace)
    keepMessages(host, messages, preferences, { keep: options.maxMessages, isSearched })
    if (options.maxDays > 0)
      expire(host, { messages, list: (range) => host.accounts.list(range) }, options.maxDays)

    const form = queryForm({ isSearched, hasGroupchatField: true })
    host.account.iq.get(namespace, 'query', () => form)
    host.account.iq.set(namespace, 'query', async (iq, session, account) => {
      const request = parseArchiveRequest(iq.payload as Element, { ...options, isSearched })
      askers.add(session)
      const send = (message: Message): void => session.send(message)
      const shelf = { messages, owner: account.jid.local, by: account.jid, to: session.jid, send }
      const { fin, ids } = await answerQuery(shelf, request, options.maxPageLength)
      apis.offline?.hasRead(session, ids)
      return fin
    })
    const metadata = (account: Jid) => answerMetadata({ messages, owner: account.local })
    host.account.iq.get(namespace, 'metadata', (_iq, _session, account) => metadata(account.jid))
    host.account.iq.get(namespace, 'prefs', (_iq, _session, account) => preferences.show(account))
    host.account.iq.set(namespace, 'prefs', (iq, _session, account) =>
      preferences.change(account, iq.payload as Element),
    )
    return { hasQueried: (session) => askers.has(session), metadata }
  },
})
