// What a server has acknowledged is neither lost nor doubled nor in another order, whatever dies. The long run of the
// same is `npm run lossless`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Campaign } from './lossless/campaign.ts'
import { Balcony } from './lossless/servers/balcony.ts'

const balcony = (parts: ConstructorParameters<typeof Balcony>[0]) => new Balcony(parts)

test('through 200 ends of connections, stays and servers, no acknowledged message is lost, doubled or out of order', async (t) => {
  const options = { kills: 200, seed: 20_261_122, serverShare: 5, server: balcony }
  const { verdict, deeds, returns, faults } = await new Campaign(options).run()
  t.diagnostic(JSON.stringify({ ...deeds, ...returns, ...verdict }))
  assert.deepEqual(faults, [])
  const { lost, missingInArchive, doubledInArchive, doubled, outOfOrder, unanswered } = verdict
  assert.deepEqual(
    { lost, missingInArchive, doubledInArchive, doubled, outOfOrder, unanswered },
    { lost: 0, missingInArchive: 0, doubledInArchive: 0, doubled: 0, outOfOrder: 0, unanswered: 0 },
  )
  assert.equal(returns.ignored, 0, 'who comes is let in, or told why not')
  assert.ok(deeds.kills + deeds.restarts >= 5, `only ${deeds.kills + deeds.restarts} ends of the server`)
  assert.ok(returns.resumed >= 5, `only ${returns.resumed} resumptions`)
  assert.ok(verdict.messages >= 500, `only ${verdict.messages} messages`)
})
