// XEP-0357 §7.1, §8: what the service that is told may do, and what becomes of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ask,
  counts,
  enable,
  error,
  message,
  optionsForm,
  play,
  published,
  pubsub,
  result,
  service,
  settled,
  start,
} from '../../../test/push.ts'
import { KeptLog } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import type { Element } from '../../xml/element.ts'

test('XEP-0357 §7.1: a service that refuses is told no more, one that only fails for now is, for a while', async () => {
  const log = new KeptLog()
  await using local = await start({ maxFailures: 3, perMinute: 0 }, { log })
  const { app, romeo } = await play(local, [enable('n', optionsForm('s3cret'))])
  /** What comes to the service, answered with `answer`. */
  const told = async (answer: (request: Element | undefined) => string) => {
    await romeo.send(message('1'))
    const requests = await published(app)
    if (requests[0]) await app.send(answer(requests[0]))
    await settled()
    return requests.length
  }
  const fails = (request: Element | undefined) => error(request, 'internal-server-error', 'cancel')
  for (const answer of [fails, fails, result, fails, fails]) assert.equal(await told(answer), 1)
  assert.equal(await told(fails), 1)
  assert.equal(await told(fails), 0)
  const disabled = log.entries.filter(({ event }) => event === 'push-disabled')
  assert.deepEqual(disabled[0]?.data, {
    account: 'juliet@localhost',
    service,
    condition: 'internal-server-error',
  })
  const juliet = await local.connect('juliet@localhost/balcony')
  await ask(juliet, enable('n', optionsForm('s3cret')))
  const isBusy = (request: Element | undefined) => error(request, 'resource-constraint', 'wait')
  for (const answer of [fails, fails, isBusy, isBusy]) assert.equal(await told(answer), 1)
  assert.equal(await told((request) => error(request, 'item-not-found', 'cancel')), 1)
  assert.equal(await told(result), 0)
  assert.doesNotMatch(JSON.stringify(log.entries), /s3cret/)
})

test('XEP-0357 §7.1: a client that asks again while the service refuses is listened to', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  await romeo.send(message('1'))
  const [request] = await published(app)
  local.clock.advance(1)
  const juliet = await local.connect('juliet@localhost/balcony')
  await ask(juliet, enable())
  await app.send(error(request, 'forbidden', 'auth'))
  await settled()
  await romeo.send(message('2'))
  assert.deepEqual(await counts(app), ['1'])
})

test('XEP-0357 §8: a service ends its own registration by a message, and nobody else’s', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const end = (account = 'juliet@localhost', node = `node='n'`) =>
    `<message to='juliet@localhost'><body>x</body><pubsub xmlns='${pubsub}' ${node}><affiliation jid='${account}' affiliation='none'/></pubsub></message>`
  const others = [
    end().replace(`'none'`, `'publish-only'`),
    end('romeo@localhost'),
    end('juliet@localhost', ''),
    end('juliet@localhost', `node='m'`),
  ]
  for (const text of others) await app.send(text)
  await romeo.send(end())
  assert.equal((await counts(app)).at(-1), '5', 'they are messages as any')
  await app.send(end())
  await romeo.send(message('1'))
  assert.deepEqual(await counts(app), [])
})

test('of an account that is removed nothing is told, nor of one that is made anew', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const accounts = local.server.host('localhost')?.accounts
  await accounts?.remove(jid('juliet@localhost'))
  await accounts?.create(jid('juliet@localhost'), 'password')
  await romeo.send(message('1'))
  assert.deepEqual(await counts(app), [])
})

test('a service that has not answered when the server stops is left alone', async () => {
  const log = new KeptLog()
  const local = await start({ maxFailures: 1 }, { log })
  const { app, romeo } = await play(local)
  await romeo.send(message('1'))
  assert.equal((await published(app)).length, 1)
  await local.server.close()
  local.clock.advance(60_000)
  await settled()
  const failed = log.entries.filter(({ level, event }) => level === 'error' || event === 'push-disabled')
  assert.deepEqual(failed, [])
})
