// For tests of BOSH: a server, two people, and time that stands still.
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '../src/base/clock.ts'
import { jid } from '../src/jid/jid.ts'
import type { ServerConfig } from '../src/server/server.ts'
import { ask, webServer } from './web.ts'

/** A server with romeo and juliet, whose clock stands still. */
export async function serverWithPeople(t: TestContext, config: Partial<ServerConfig> = {}) {
  const clock = new ManualClock()
  const running = await webServer(t, { clock, ...config })
  const accounts = running.server.host('localhost')?.accounts
  for (const name of ['romeo', 'juliet']) await accounts?.create(jid(`${name}@localhost`), 'secret')
  const sessions = () => running.server.host('localhost')?.loaded.get('romeo')?.sessionsByResource
  return { ...running, clock, isOnline: () => sessions()?.get('web')?.isConnected === true }
}

/** A message to romeo's client. */
export const message = (text: string) =>
  `<message xmlns='jabber:client' to='romeo@localhost/web' type='chat'><body>${text}</body></message>`
/** Lets requests that were sent arrive: they are before others that are sent, and answered, now. */
export async function arrived(port: number): Promise<void> {
  for (let count = 0; count < 5; count += 1) {
    await ask(port, '/')
    await setImmediate()
  }
}
