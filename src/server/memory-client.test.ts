import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'

const to = 'juliet@localhost/balcony'
const kilobyte = 'x'.repeat(1024)

test('a client that takes nothing is ended when more waits for it than for any other', async () => {
  await using local = await inMemoryServer()
  local.server.setLimits({ streams: { outputLimitBytes: 10_000 } })
  const juliet = await local.connect(to)
  const romeo = await local.connect('romeo@localhost/orchard')
  for (let count = 0; count < 20; count += 1) {
    await romeo.send(`<message to='${to}' type='chat'><body>${kilobyte}</body></message>`)
  }
  assert.equal(juliet.error?.condition, 'resource-constraint')
  assert.equal(juliet.isOpen, false)
  assert.equal(juliet.inbox.length, 8)
  assert.equal(local.server.host('localhost')?.loaded.get('juliet')?.sessionsByResource.size ?? 0, 0)
  assert.equal(romeo.inbox.at(-1)?.attribute('type'), 'error')
})

test('a client that takes what comes gets any amount', async () => {
  await using local = await inMemoryServer()
  local.server.setLimits({ streams: { outputLimitBytes: 10_000 } })
  const juliet = await local.connect(to)
  const romeo = await local.connect('romeo@localhost/orchard')
  let taken = 0
  for (let count = 0; count < 40; count += 1) {
    await romeo.send(`<message to='${to}' type='chat'><body>${kilobyte}</body></message>`)
    if (count % 8 === 7) taken += juliet.takeAll().length
    else if (count % 2 === 1 && (await juliet.receive())) taken += 1
  }
  assert.equal(juliet.isOpen, true)
  assert.equal(taken, 40)
})

test('what has come is still there for a client that was ended', async () => {
  await using local = await inMemoryServer()
  const juliet = await local.connect(to)
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(`<message to='${to}'><body>x</body></message>`)
  juliet.close()
  assert.equal((await juliet.receive())?.child('body')?.text, 'x')
  assert.equal(await juliet.receive(), undefined)
})
