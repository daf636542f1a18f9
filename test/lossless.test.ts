// What a server has acknowledged is neither lost nor doubled nor in another order, whatever dies. The long run of the
// same is `npm run lossless`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Campaign } from './lossless/campaign.ts'
import { Balcony } from './lossless/servers/balcony.ts'

test('through 200 ends of connections, stays and servers, no acknowledged message is lost, doubled or out of order', async (t) => {
  const result = await new Campaign({
    kills: 200,
    seed: 20_261_122,
    serverShare: 10,
    server: (parts) => new Balcony(parts),
  }).run()
  const { verdict, deeds, returns, faults } = result
  t.diagnostic(JSON.stringify({ ...deeds, ...returns, ...verdict }))
  assert.deepEqual(faults, [])
  const { lost, missingInArchive, doubledInArchive, doubled, outOfOrder } = verdict
  assert.deepEqual([lost, missingInArchive, doubledInArchive, doubled, outOfOrder], [0, 0, 0, 0, 0])
  assert.equal(verdict.acknowledged, verdict.messages, 'in the end everything is acknowledged')
  assert.ok(deeds.kills + deeds.restarts >= 10, `only ${deeds.kills + deeds.restarts} ends of the server`)
  assert.ok(returns.resumed >= 20, `only ${returns.resumed} resumptions`)
  assert.ok(verdict.messages >= 500, `only ${verdict.messages} messages`)
})
