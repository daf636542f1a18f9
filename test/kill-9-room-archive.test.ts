// XEP-0313 in rooms, XEP-0198: what a room's archive has acknowledged is there after the server was killed: once, in order,
// and without what was taken back.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { emptyFolder } from './fixtures/balcony-process.ts'
import { openRegistration, startPlainServer } from './fixtures/plain-server.ts'
import { SeededRandom } from './random.ts'
import { RawClient } from './raw-client.ts'
import { readArchive, readHistory, Speaker, Spoken } from './room-archive-traffic.ts'

const rounds = 5
const accounts = ['anna', 'bert', 'cleo']

async function register(test: TestContext, port: number, account: string): Promise<void> {
  const client = await RawClient.connect(test, port)
  await client.open()
  const inside = `<username>${account}</username><password>secret of ${account}</password>`
  assert.match(
    await client.request('set', `<query xmlns='jabber:iq:register'>${inside}</query>`),
    /type='result'/,
  )
  client.destroy()
}

/** Compares the archive with what was acknowledged, and takes what is found as the truth from now on. */
async function check(test: TestContext, port: number, all: readonly Spoken[]): Promise<number> {
  const reader = await RawClient.login(test, port, { user: 'reader', password: 'secret of reader' })
  const records = await readArchive(reader)
  assert.equal(new Set(records.map(({ id }) => id)).size, records.length, 'no id twice')
  const numberById = new Map(
    all.flatMap((spoken) => [...spoken.idByNumber].map(([number, id]) => [id, { spoken, number }])),
  )
  const numbersBySpoken = new Map(all.map((spoken) => [spoken, [] as number[]]))
  for (const { id, body } of records) {
    const [account, text] = body?.split(' ') ?? []
    const known = numberById.get(id)
    const spoken = body === undefined ? known?.spoken : all.find((one) => one.account === account)
    const number = body === undefined ? known?.number : Number(text)
    assert.ok(spoken && number !== undefined, `${id}: whose is ${body}?`)
    if (known)
      assert.deepEqual([known.spoken.account, known.number], [spoken.account, number], 'under its id')
    numbersBySpoken.get(spoken)?.push(number)
    const isBack = spoken.retracted.get(number)
    if (isBack === true) assert.equal(body, undefined, 'what was taken back is')
    if (isBack === undefined) assert.notEqual(body, undefined, 'and nothing else')
  }
  for (const [spoken, numbers] of numbersBySpoken) {
    assert.deepEqual(numbers, [...numbers.keys()], `${spoken.account}: all from the first on, once, in order`)
    assert.ok(numbers.length >= spoken.acknowledged, `${spoken.account}: all that was acknowledged`)
    assert.ok(numbers.length <= spoken.sent)
    spoken.found(numbers.length)
  }
  const history = await readHistory(reader)
  const bodies = records.map(({ body }) => body)
  assert.deepEqual(history, bodies.slice(bodies.length - history.length), 'and history is its end')
  assert.equal(history.length > 0, records.length > 0)
  reader.destroy()
  return records.length
}

test('kill -9 amid talk: the archive of a room has what was acknowledged', async (t) => {
  const folder = emptyFolder(t)
  const random = new SeededRandom(20_261_122)
  const all = accounts.map((account) => new Spoken(account))
  let kept = 0
  for (let round = 0; round < rounds; round += 1) {
    const { server, port } = await startPlainServer(t, folder, openRegistration)
    if (round === 0) for (const account of [...accounts, 'reader']) await register(t, port, account)
    else kept = await check(t, port, all)
    let left = 50 + random.below(400)
    const onAcknowledged = (count: number) => {
      if (left > 0 && left - count <= 0) server.kill('SIGKILL')
      left -= count
    }
    const speakers: Speaker[] = []
    for (const spoken of all) {
      speakers.push(
        await Speaker.enter(t, port, spoken, new SeededRandom(random.below(2 ** 31)), onAcknowledged),
      )
    }
    const ends = await Promise.all(speakers.map((speaker) => speaker.work()))
    await server.ended()
    for (const end of ends) assert.match(String(end), /closed before|ECONNREFUSED|ECONNRESET/)
  }
  const { server, port } = await startPlainServer(t, folder, openRegistration)
  const last = await check(t, port, all)
  server.kill('SIGTERM')
  assert.equal((await server.ended()).code, 0)
  assert.ok(last > kept && kept > 0)
  const taken = all.flatMap(({ retracted }) => [...retracted.values()])
  assert.ok(taken.includes(true), 'some were taken back')
  t.diagnostic(`${last} messages kept, ${taken.length} taken back, over ${rounds} kills`)
})
