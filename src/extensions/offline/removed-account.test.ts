// XEP-0160 and XEP-0077 §3.2: whoever gets the name of a removed account gets nothing that was meant for who had it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, lastingStorage } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { withFaults } from '../../../test/storage-faults.ts'
import { bindRequest } from '../../../test/stream-peer.ts'
import type { Accounts } from '../../host/accounts.ts'
import { jid } from '../../jid/jid.ts'
import { offline } from './offline.ts'

const message = (to: string) => `<message to='${to}' type='chat' id='1'><body>for you only</body></message>`
const appear = `${bindRequest('phone')}<enable xmlns='urn:xmpp:sm:3' resume='true'/><presence/>`

test('XEP-0077 §3.2: what has not been written when an account is removed is not kept for the next of that name', async (t) => {
  const gate = Promise.withResolvers<void>()
  const storage = withFaults(lastingStorage(t), ({ store, method, owner }) =>
    store === 'localhost/offline' && method === 'changeLate' && owner === 'nurse' ? gate.promise : undefined,
  )
  await using local = await inMemoryServer({ extensions: [offline], storage })
  const accounts = local.server.host('localhost')?.accounts as Accounts
  await accounts.create(jid('nurse@localhost'), 'password')
  const juliet = await authenticatedPeer(local)
  await juliet.exchange(appear)
  const romeo = await local.connect('romeo@localhost/orchard')
  // One is being written, and another one, which juliet has and could acknowledge, waits for that.
  void romeo.send(message('nurse@localhost'))
  await pause()
  void romeo.send(message('juliet@localhost'))
  await pause()
  assert.match(await juliet.settled(), /for you only/)
  await accounts.remove(jid('juliet@localhost'))
  await pause()
  gate.resolve()
  await pause()
  const next = await authenticatedPeer(local)
  const came = await next.exchange(appear)
  await pause()
  assert.doesNotMatch(came + (await next.settled()), /for you only/)
})
