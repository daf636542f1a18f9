// The benchmark of large rooms works, with a small one: a real server, all see all, and nothing is lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runScenario } from '../bench/campaign.ts'
import { Delays } from '../bench/generator/open-loop.ts'
import { silentProgress } from '../bench/progress.ts'
import { rooms } from '../bench/scenarios/rooms.ts'
import { quickScale, type Scenario } from '../bench/scenarios/scenario.ts'
import { balcony } from '../bench/servers/balcony.ts'

const scale = { ...quickScale, warmUpMs: 20, measureMs: 100, settleMs: 50, steadyMs: 500, roomShare: 0.1 }

test('the benchmark fills a room, talks in it and speaks at a steady pace', {
  skip: process.platform !== 'linux',
}, async () => {
  const scenario = rooms[0] as Scenario
  const plan = { scenarios: [scenario], servers: [balcony], runs: 1, scale }
  const { servers } = await runScenario(scenario, plan, silentProgress)
  assert.deepEqual(servers.balcony?.failures, [])
  for (const name of ['join', 'rate', 'delay50', 'delay99']) {
    assert.ok((servers.balcony?.figures[name]?.median ?? 0) > 0, name)
  }
})

test('delays are given by the share of all that do not exceed them', () => {
  const delays = new Delays(100)
  for (let ms = 100; ms > 0; ms -= 1) delays.add(ms)
  assert.deepEqual([delays.at(0.01), delays.at(0.5), delays.at(0.99), delays.at(1)], [1, 50, 99, 100])
})
