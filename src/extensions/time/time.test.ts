import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { time } from './time.ts'

test('XEP-0202 §2: the time is the server’s, in UTC, whatever the zone it stands in', async () => {
  await using local = await inMemoryServer({ extensions: [time] })
  const romeo = await local.connect('romeo@localhost/orchard')
  local.clock.advance(Date.UTC(2026, 6, 14, 21, 5, 9) - local.clock.now())
  await romeo.send(`<iq type='get' id='t' to='localhost'><time xmlns='urn:xmpp:time'/></iq>`)
  const told = romeo.takeAll()[0]?.child('time', 'urn:xmpp:time')
  assert.equal(told?.child('tzo')?.text, '+00:00')
  assert.match(told?.child('utc')?.text ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, 'XEP-0082 §3.2')
  assert.equal(Date.parse(told?.child('utc')?.text ?? ''), local.clock.now())
})
