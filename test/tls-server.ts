// A server on a port with TLS, for tests of what happens there.
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { standard } from '../src/extensions/standard/standard.ts'
import { jid } from '../src/jid/jid.ts'
import { createServer, type Server } from '../src/server/server.ts'
import { sqlite } from '../src/storage/sqlite.ts'

/** A file of test/fixtures/tls/. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/tls/${name}`, import.meta.url), 'utf8')

/** A domain's certificate and key. */
export const pairOf = (domain: string) => ({ key: fixture(`${domain}.key`), cert: fixture(`${domain}.crt`) })

/** An answer to what a client says in SASL2. */
export const answered = /<(success|failure|challenge) [\s\S]*?<\/\1>/

/** A SASL2 failure with a condition. */
export const refused = (condition: string) => new RegExp(`<failure [^>]*><${condition} `)

/** Starts a server with direct TLS, two domains, and the accounts `juliet` and `nurse`, whose passwords are `secret`. */
export async function startWithTls(t: TestContext): Promise<{ server: Server; port: number }> {
  const server = createServer({
    storage: sqlite(':memory:'),
    hosts: { localhost: { extensions: standard }, 'example.org': { extensions: standard } },
  })
  t.after(() => server.close())
  await server.start()
  for (const domain of ['localhost', 'example.org']) server.setTls(domain, pairOf(domain))
  server.setClientAuthorities([fixture('clients/ca.crt')])
  const { accounts } = server.host('localhost') as NonNullable<ReturnType<Server['host']>>
  for (const local of ['juliet', 'nurse']) await accounts.create(jid(`${local}@localhost`), 'secret')
  const { port } = await server.listen({ kind: 'direct-tls', host: '127.0.0.1', port: 0 })
  return { server, port }
}
