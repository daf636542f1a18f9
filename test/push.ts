// XEP-0357 in tests: a server, somebody who asks to be told, and the service that is told.
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { clientState } from '../src/extensions/client-state/client-state.ts'
import { disco } from '../src/extensions/disco/disco.ts'
import { offline } from '../src/extensions/offline/offline.ts'
import { push } from '../src/extensions/push/push.ts'
import { roster } from '../src/extensions/roster/roster.ts'
import type { MemoryClient } from '../src/server/memory-client.ts'
import type { Element } from '../src/xml/element.ts'
import { type InMemory, type InMemoryParts, inMemoryServer } from './in-memory.ts'
import { authenticatedPeer } from './in-memory-peer.ts'
import { bindRequest, type TestPeer } from './stream-peer.ts'

export const namespace = 'urn:xmpp:push:0'
export const pubsub = 'http://jabber.org/protocol/pubsub'
export const service = 'push@localhost/service'
const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas'

export const start = (options = {}, parts: InMemoryParts = {}) =>
  inMemoryServer({
    extensions: [offline, roster, clientState, disco, push],
    options: { push: options, 'stream-management': { resumeSeconds: 60 } },
    ...parts,
  })

export const optionsForm = (secret: string, type = `${pubsub}#publish-options`) =>
  `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${type}</value></field><field var='secret'><value>${secret}</value></field></x>`
export const enable = (node = 'n', inside = '', to = service) =>
  `<iq type='set' id='e'><enable xmlns='${namespace}' jid='${to}' node='${node}'>${inside}</enable></iq>`
export const disable = (node?: string) =>
  `<iq type='set' id='d'><disable xmlns='${namespace}' jid='${service}'${node === undefined ? '' : ` node='${node}'`}/></iq>`
export const message = (text: string, { type = 'chat', to = 'juliet@localhost', more = '' } = {}) =>
  `<message to='${to}' type='${type}'><body>${text}</body>${more}</message>`

/** What a request was answered with: `result`, or the condition of the error. */
export async function ask(client: MemoryClient, text: string): Promise<string | undefined> {
  client.takeAll()
  await client.send(text)
  const [answer] = client.takeAll()
  return answer?.child('error')?.elements()[0]?.name ?? answer?.attribute('type')
}

/** The service that is told, and Romeo, who writes; Juliet has asked for it with `requests` and is gone. */
export async function play(
  local: InMemory,
  requests: readonly string[] = [enable()],
): Promise<{ app: MemoryClient; romeo: MemoryClient }> {
  const app = await local.connect(service)
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const request of requests) assert.equal(await ask(juliet, request), 'result', request)
  juliet.close()
  await settled()
  return { app, romeo }
}

/** Writes to Juliet, and lets whatever follows happen. */
export async function say(client: MemoryClient, text: string): Promise<void> {
  await client.send(message(text))
  await settled()
}

export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

/** The requests that came to the service. */
export async function published(app: MemoryClient): Promise<Element[]> {
  await settled()
  return app.takeAll().filter((stanza) => stanza.child('pubsub', pubsub))
}

/** The fields of what was published in a request. */
export function summaryOf(request: Element | undefined): Record<string, string | undefined> {
  const notification = request
    ?.child('pubsub', pubsub)
    ?.child('publish')
    ?.child('item')
    ?.child('notification', namespace)
  const fields = notification?.child('x', 'jabber:x:data')?.elements('field') ?? []
  return Object.fromEntries(fields.map((field) => [field.attribute('var'), field.child('value')?.text]))
}

export async function summaries(app: MemoryClient): Promise<Record<string, string | undefined>[]> {
  return (await published(app)).map(summaryOf)
}

export const counts = async (app: MemoryClient) =>
  (await summaries(app)).map((fields) => fields['message-count'])
export const result = (request: Element | undefined) =>
  `<iq type='result' to='localhost' id='${request?.attribute('id')}'/>`
export const error = (request: Element | undefined, condition: string, type: string) =>
  `<iq type='error' to='localhost' id='${request?.attribute('id')}'><error type='${type}'><${condition} xmlns='${stanzas}'/></error></iq>`

/** Juliet's client on a stream, with stream management; answers its SM-ID, too. */
export async function streaming(local: InMemory): Promise<{ peer: TestPeer; id: string | undefined }> {
  const peer = await authenticatedPeer(local)
  await peer.exchange(bindRequest('phone'))
  const enabled = await peer.exchange(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`)
  await peer.exchange('<presence/>')
  return { peer, id: /id='([^']*)'/.exec(enabled)?.[1] }
}
