// What a client was told is done is done, even if the server is killed at that moment; what it was not told is done
// wholly or not at all.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { checkDurable } from './durable-check.ts'
import { DurableFacts } from './durable-facts.ts'
import { Resident, registerAccount } from './durable-traffic.ts'
import { emptyFolder } from './fixtures/balcony-process.ts'
import { openRegistration, startPlainServer } from './fixtures/plain-server.ts'
import { SeededRandom } from './random.ts'

const rounds = 6
const residents = ['anna', 'bert', 'cleo', 'dirk', 'edna', 'finn']

test('kill -9 amid traffic: accounts, passwords, rosters and rooms are as acknowledged', async (t) => {
  const folder = emptyFolder(t)
  const facts = new DurableFacts()
  const random = new SeededRandom(20_260_901)
  let interrupted = 0

  for (let round = 0; round < rounds; round++) {
    const { server, port } = await startPlainServer(t, folder, openRegistration)
    let left = Number.POSITIVE_INFINITY
    const onAcknowledged = () => {
      left -= 1
      if (left === 0) server.kill('SIGKILL')
    }
    const parts = () => ({
      test: t,
      port,
      facts,
      random: new SeededRandom(random.below(2 ** 31)),
      onAcknowledged,
    })
    if (round === 0) {
      for (const name of ['stranger', ...residents]) await registerAccount(parts(), name, `secret of ${name}`)
    } else await checkDurable(t, port, facts)

    const atWork = await Promise.all(residents.map((name) => Resident.login(parts(), name)))
    left = 20 + random.below(150)
    const ends = await Promise.all(atWork.map((resident) => resident.work()))
    server.kill('SIGKILL')
    await server.ended()
    for (const end of ends) assert.match(String(end), /closed before|ECONNREFUSED|ECONNRESET/)
    interrupted += facts.unsureCount
  }

  const { server, port } = await startPlainServer(t, folder, openRegistration)
  await checkDurable(t, port, facts)
  server.kill('SIGTERM')
  assert.equal((await server.ended()).code, 0)
  assert.ok(interrupted >= rounds, `only ${interrupted} changes were interrupted`)
  using database = new DatabaseSync(join(folder, 'data/balcony.sqlite'), { readOnly: true })
  assert.deepEqual(
    database
      .prepare('PRAGMA integrity_check')
      .all()
      .map((row) => Object.values(row)),
    [['ok']],
  )
  t.diagnostic(
    `${facts.acknowledgements} acknowledged changes, ${interrupted} interrupted, ${facts.passwords.size} accounts, ${facts.rooms.size} rooms`,
  )
})
