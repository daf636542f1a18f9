// XEP-0386: Bind 2
import { createHmac } from 'node:crypto'
import { flag } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { withResource } from '../../jid/jid.ts'
import { ClientSession } from '../../session/client.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { LoginRequest } from '../../stream/sasl/login-step.ts'
import { type Element, element } from '../../xml/element.ts'
import { archive } from '../archive/archive.ts'
import { carbons } from '../carbons/carbons.ts'
import { clientState } from '../client-state/client-state.ts'
import { offline } from '../offline/offline.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { type InlineFeature, inlineFeatures } from './inline-features.ts'

const namespace = 'urn:xmpp:bind:0'
/** UTF-16 units of a tag; the rest is cut off. */
const tagLimit = 64
const idLength = 12

/** What other extensions get of this one. */
export interface Bind2Api {
  /** Lets clients ask for something to be so for their session from its beginning. */
  offer(feature: InlineFeature): Undo
}

/** Binds a resource together with logging in, and does for the new session what the client asks for. */
export const bind2 = defineExtension({
  name: 'bind2',
  xep: { number: 386, version: '1.1.0' },
  uses: { streamManagement, carbons, clientState, archive, offline },
  options: {
    leaveToArchive: flag(
      false,
      'messages that wait and are in the archive are not given to clients that bind so, as XEP-0386 §3.2 has it; those that never look into the archive miss them',
    ),
  },
  setup(host, apis, options): Bind2Api {
    const features = new Set(inlineFeatures(apis))
    host.offerAtLogin({
      advertise: () => advertised(features),
      run: async (login) => {
        const request = login.request.child('bind', namespace)
        // A session that was resumed has its resource.
        if (!request || login.stream.has('bound')) return undefined
        const metadata = await apis.archive?.metadata(login.user)
        const session = await bindFor(host, login, request)
        if (!session) return undefined
        if (options.leaveToArchive && apis.archive) apis.offline?.leaveToArchive(session)
        return { element: bound(session, login, features, metadata) }
      },
    })
    return {
      offer(feature) {
        features.add(feature)
        return host.keep(() => features.delete(feature))
      },
    }
  },
})

function advertised(features: ReadonlySet<InlineFeature>): Element {
  const list = [...features].map(({ name }) => element('feature', namespace, { var: name }))
  return element(
    'bind',
    namespace,
    {},
    list.length > 0 ? element('inline', namespace, {}, ...list) : undefined,
  )
}

/** Binds the resource that the client has each time, or another one where that is not to be had; `undefined` for none. */
async function bindFor(
  host: ScopedHost,
  login: LoginRequest,
  request: Element,
): Promise<ClientSession | undefined> {
  const tag = tagOf(request.child('tag', namespace)?.text ?? '', login)
  const id = login.userAgent.id
  const wishes = id === undefined ? [] : [stableId(host, login, id)]
  for (const end of [...wishes, host.ids.id()]) {
    try {
      await login.stream.bind(tag === '' ? end : `${tag}/${end}`)
      const { peer } = login.stream
      return peer instanceof ClientSession ? peer : undefined
    } catch (error) {
      if (!(error instanceof StanzaError)) throw error
    }
  }
  return undefined
}

/** §3.2.1: as it is, as far as it can be part of an address. */
function tagOf(text: string, { user }: LoginRequest): string {
  const tag = text.trim().slice(0, tagLimit)
  return tag !== '' && withResource(user, `${tag}/x`) ? tag : ''
}

/** §3.2.1: the same for the same client; what it is called by cannot be told from it. */
function stableId({ accounts }: ScopedHost, { user }: LoginRequest, agentId: string): string {
  return createHmac('sha256', accounts.fakeSaltSecret)
    .update(`resource\0${user}\0${agentId}`)
    .digest('base64url')
    .slice(0, idLength)
}

function bound(
  session: ClientSession,
  { request, stream }: LoginRequest,
  features: ReadonlySet<InlineFeature>,
  metadata: Element | undefined,
): Element {
  const answers: (Element | undefined)[] = [metadata]
  for (const child of request.child('bind', namespace)?.children ?? []) {
    if (typeof child === 'string') continue
    for (const feature of features)
      if (feature.accepts(child)) answers.push(feature.enable(child, session, stream))
  }
  return element('bound', namespace, {}, ...answers)
}
