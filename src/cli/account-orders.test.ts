import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { inMemoryServer } from '../../test/in-memory.ts'
import { silentLog } from '../base/log.ts'
import type { Host } from '../host/host.ts'
import { jid } from '../jid/jid.ts'
import { giveOrder, obeyOrders } from './account-orders.ts'

const romeo = jid('romeo@localhost')

/** A clock that is five seconds further whenever somebody looks. */
function hurried() {
  let now = 0
  return {
    now: () => {
      now += 5000
      return now
    },
    after: () => ({ cancel() {} }),
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

test('an order that nobody obeys is taken back, and who gave it is told', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  await assert.rejects(giveOrder(host, romeo, 'remove', hurried()), /does not answer: romeo@localhost/)
  assert.equal((await host.store.collection('account-orders').all('')).size, 0)
})

test('an order is obeyed once, and one from long ago not at all; after the end none is', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  const orders = host.store.collection('account-orders')
  const client = await local.connect('romeo@localhost/orchard')
  const undo = obeyOrders([host], { clock: local.clock, log: silentLog })
  const give = async (when: number) => {
    await orders.set('', 'romeo', { order: 'log-out', when })
    local.clock.advance(1000)
    await turns()
  }
  await give(local.clock.now() - 60_000)
  assert.equal(client.isOpen, true)
  assert.equal((await orders.all('')).size, 0)
  await give(local.clock.now())
  assert.equal(client.error?.condition, 'not-authorized')
  assert.equal((await orders.all('')).size, 0)
  undo()
  await give(local.clock.now())
  assert.equal((await orders.all('')).size, 1)
})
