// For tests of files that people send: a server that takes them, and two people who do.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ManualClock } from '../src/base/clock.ts'
import { disco } from '../src/extensions/disco/disco.ts'
import { upload } from '../src/extensions/upload/upload.ts'
import { jid } from '../src/jid/jid.ts'
import { filesInMemory } from '../src/storage/files.ts'
import type { Element } from '../src/xml/element.ts'
import { type Answer, ask, webServer } from './web.ts'

export const dayMs = 86_400_000
export const namespace = 'urn:xmpp:http:upload:0'

/** A server with two accounts that may send files. */
export async function uploadStage(t: TestContext, options: object = {}) {
  const clock = new ManualClock()
  const files = filesInMemory(1_000_000)
  const { server, port } = await webServer(t, {
    clock,
    files,
    hosts: {
      localhost: { extensions: [disco] },
      'upload.localhost': { extensions: [upload], options: { upload: options } },
    },
  })
  const accounts = server.host('localhost')?.accounts
  for (const name of ['romeo', 'juliet']) await accounts?.create(jid(`${name}@localhost`), 'password')
  const clients = new Map(
    await Promise.all(
      ['romeo', 'juliet'].map(async (name) => [name, await server.connect(`${name}@localhost/x`)] as const),
    ),
  )

  /** Asks for a slot; answers what came. */
  async function request(attributes: string, inside = '', name = 'romeo'): Promise<Element> {
    const client = clients.get(name)
    assert.ok(client)
    await client.send(
      `<iq type='get' id='slot' to='upload.localhost'><request xmlns='${namespace}' ${attributes}>${inside}</request></iq>`,
    )
    return (await client.receive()) as Element
  }

  /** The path of a slot. */
  async function slot(attributes: string, inside = '', name = 'romeo'): Promise<string> {
    const answer = await request(attributes, inside, name)
    const url = answer.child('slot', namespace)?.child('put')?.attribute('url')
    assert.ok(url, answer.toString())
    assert.equal(answer.child('slot', namespace)?.child('get')?.attribute('url'), url)
    return new URL(url).pathname
  }

  const put = (path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> =>
    ask(port, path, { method: 'PUT', body, headers: { 'content-length': String(body.length), ...headers } })
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask(port, path, { headers, method })
  return { server, port, clock, request, slot, put, get }
}

/** The condition of an error, or the type of what is none. */
export const conditionOf = (answer: Element) =>
  answer.child('error', 'jabber:client')?.elements()[0]?.name ?? answer.attribute('type')

/** Waits until it is so, for ten seconds at least. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail('it never came')
}
