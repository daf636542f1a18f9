// XEP-0357 with sessions: when somebody is told of what their clients have not seen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authenticatedPeer } from '../../../test/in-memory-peer.ts'
import { counts, message, play, say, settled, start, streaming } from '../../../test/push.ts'

test('nothing is told while somebody is there to see it, and then it is counted from the beginning', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  for (const text of ['1', '2']) await say(romeo, text)
  assert.deepEqual(await counts(app), ['1', '2'])
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send(message('3'))
  assert.deepEqual(await counts(app), ['1'], 'a client that has not said that it is available sees nothing')
  await juliet.send('<presence/>')
  await romeo.send(message('4'))
  assert.deepEqual(await counts(app), [])
  juliet.close()
  await settled()
  await romeo.send(message('5'))
  assert.deepEqual(await counts(app), ['1'])
})

test('with XEP-0352: who does not look at the client is told, and not any more once it is active', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const { peer } = await streaming(local)
  peer.send(`<inactive xmlns='urn:xmpp:csi:0'/>`)
  await peer.settled()
  const to = 'juliet@localhost/phone'
  for (const type of ['headline', 'error']) await romeo.send(message('not to be read at once', { type, to }))
  for (const text of ['1', '2']) await say(romeo, text)
  assert.deepEqual(await counts(app), ['1', '2'])
  peer.send(`<active xmlns='urn:xmpp:csi:0'/>`)
  await peer.settled()
  await romeo.send(message('3'))
  assert.deepEqual(await counts(app), [])
  peer.send(`<inactive xmlns='urn:xmpp:csi:0'/>`)
  await peer.settled()
  await romeo.send(message('4'))
  assert.deepEqual(await counts(app), ['1'])
})

test('with XEP-0198: a client that has lost its connection is told of, until it comes back; and not twice of the same', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const { peer, id } = await streaming(local)
  peer.transport.destroy()
  await peer.settled()
  for (const text of ['1', '2']) await say(romeo, text)
  assert.deepEqual(await counts(app), ['1', '2'])
  const again = await authenticatedPeer(local)
  await again.exchange(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`)
  again.transport.destroy()
  await again.settled()
  await romeo.send(message('3'))
  assert.deepEqual(await counts(app), ['1'])
  local.clock.advance(60_000)
  await settled()
  assert.deepEqual(await counts(app), [], 'the session is over, its messages wait elsewhere')
})

test('with XEP-0198: what was given to a dead client, and was never told, is told when its session is over', async () => {
  await using local = await start()
  const { app, romeo } = await play(local)
  const { peer } = await streaming(local)
  for (const text of ['1', '2']) await say(romeo, text)
  assert.deepEqual(await counts(app), [])
  peer.transport.destroy()
  await peer.settled()
  local.clock.advance(60_000)
  await settled()
  assert.deepEqual(await counts(app), ['2'], 'both at once')
})
