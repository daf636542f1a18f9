// What a client was told is done is done, even if the server is killed at that moment; what it was not told is done
// wholly or not at all.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { checkDurable } from './durable-check.ts'
import { DurableFacts } from './durable-facts.ts'
import { Resident, registerAccount } from './durable-traffic.ts'
import { BalconyProcess, emptyFolder } from './fixtures/balcony-process.ts'
import { SeededRandom } from './random.ts'

const rounds = 6
const residents = ['anna', 'bert', 'cleo', 'dirk', 'edna', 'finn']

async function started(test: TestContext, folder: string) {
  const settings = {
    firstAccount: 'false',
    'listen.directTls': 'false',
    'listen.https': 'false',
    'listen.http': 'false',
    'login.requireTls': 'false',
    'login.plainWithoutTls': 'true',
    'extensions.register.open': 'true',
    'extensions.register.perHour': '0',
    'extensions.register.minPasswordLength': '1',
    'limits.stanzasPerSecond': '0',
    'limits.bytesPerSecond': '0',
  }
  const words = Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`])
  const server = new BalconyProcess(test, ['start', '--port', '0', ...words], {
    folder,
    environment: { BALCONY_LOG_FORMAT: 'json' },
  })
  const [port = 0] = await server.ports()
  return { server, port }
}

test('kill -9 amid traffic: accounts, passwords, rosters and rooms are as acknowledged', async (t) => {
  const folder = emptyFolder(t)
  const facts = new DurableFacts()
  const random = new SeededRandom(20_260_901)
  let interrupted = 0

  for (let round = 0; round < rounds; round++) {
    const { server, port } = await started(t, folder)
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

  const { server, port } = await started(t, folder)
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
