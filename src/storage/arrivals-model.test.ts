// Any sequence of calls on an archive, against a plain list, while processes are killed, commits fail and tools write.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Call, entryWrites, type Log, owner, reads, wordlessReads } from '../../test/archive-calls.ts'
import { PlainArchive } from '../../test/plain-archive.ts'
import { afterKill, newPath, setTrap, type Trap } from '../../test/storage-engine.ts'
import type { Waiter } from '../base/waiter.ts'
import { Engine } from './engine.ts'
import type { Answer, Executor, LateOperation, Operation } from './operation.ts'
import { OperationQueue } from './operation-queue.ts'
import { defaultLimits } from './sqlite.ts'
import { driverOver } from './stores.ts'

const domain = 'd'

/** Carries out on an engine, in one batch, what is asked for at once. */
class EngineExecutor implements Executor {
  readonly #queue: OperationQueue

  constructor(engine: Engine) {
    this.#queue = new OperationQueue(defaultLimits, (batch) => this.#queue.receive(engine.run(batch)))
    this.#queue.start()
  }

  async open(): Promise<void> {}
  execute<O extends Operation>(operation: O): Promise<Answer<O['kind']>> {
    return this.#queue.push(operation) as Promise<Answer<O['kind']>>
  }
  executeFor(waiter: Waiter, operation: Operation): void {
    this.#queue.pushFor(waiter, operation)
  }
  executeLate(operation: LateOperation): Promise<unknown> {
    return this.#queue.pushLate(operation)
  }
  async close(): Promise<void> {}
}

/** Whether it goes through a tool, while transactions fail in one way or another, or as always. */
type Circumstances = 'as always' | 'tool' | Trap
type Step = { readonly calls: Call<Log>[]; readonly circumstances: Circumstances } | 'kill' | 'settle'

/** A server on a file, with what may happen to it. */
class Subject {
  readonly #path = newPath()
  #server = { path: this.#path, engine: new Engine({ path: this.#path }) }
  #archive = this.#archiveOf(this.#server.engine)

  /** Each call's answer, or that it was refused. */
  async call(calls: Call<Log>[], circumstances: Circumstances): Promise<unknown[]> {
    if (circumstances === 'as always') return answers(this.#archive, calls)
    if (circumstances === 'tool') {
      const tool = new Engine({ path: this.#server.path, isShared: true })
      return answers(this.#archiveOf(tool), calls).finally(() => tool.close())
    }
    const release = setTrap(this.#server.path, circumstances)
    return answers(this.#archive, calls).finally(release)
  }

  kill(): void {
    const { engine } = this.#server
    this.#server = afterKill(this.#server.path)
    this.#archive = this.#archiveOf(this.#server.engine)
    engine.close()
  }

  settle(): void {
    this.#server.engine.settle()
  }

  close(): void {
    this.#server.engine.close()
    const database = new DatabaseSync(this.#server.path)
    assert.deepEqual({ ...database.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' })
    for (const index of ['entry_by_place', 'entry_by_id', 'entry_by_party'])
      assert.deepEqual(database.prepare(missingIn(index)).all(), [], index)
    database.close()
  }

  #archiveOf(engine: Engine): Log {
    const driver = driverOver(new EngineExecutor(engine))
    const archive = driver.archive<number>(`${domain}/x`)
    // Of a bound nothing is known after a kill until the next entry comes, and so there is none here.
    const append: Log['append'] = (o, entry) => archive.append(o, entry)
    const remove: Log['remove'] = (o, which) =>
      which && Object.keys(which).length === 0 ? eraseAndCount(o) : archive.remove(o, which)
    const eraseAndCount = async (o: string) => {
      const [count] = await Promise.all([archive.count(o), driver.eraseOwner(domain, o)])
      return count
    }
    return { ...archive, append, remove }
  }
}

function missingIn(index: string): string {
  const columns = index === 'entry_by_id' ? 'archive, number, place, id' : 'archive, number, place'
  return `select ${columns} from entry except select ${columns} from ${index}
    union all select ${columns} from ${index} except select ${columns} from entry`
}

function answers(archive: Log, calls: Call<Log>[]): Promise<unknown[]> {
  return Promise.all(calls.map((call) => call(archive).catch(() => 'refused')))
}

/** A list of which each call answers as if there were no bound. */
function plainArchive(): Log {
  const plain = new PlainArchive()
  return {
    canSearch: true,
    append: (o, entry) => plain.append(o, entry),
    find: (o, query) => plain.find(o, query),
    count: (o) => plain.count(o),
    replace: (o, id, by) => plain.replace(o, id, by),
    remove: (o, which) => plain.remove(o, which),
  }
}

const circumstances = fc.oneof(
  { weight: 6, arbitrary: fc.constant('as always' as const) },
  { weight: 4, arbitrary: fc.constantFrom<Circumstances[]>('tool', 'commit', 'rollback', 'entry') },
)
const removeAll = owner.map(
  (o): Call<Log> =>
    (store) =>
      store.remove(o, {}),
)
const writes = fc.oneof({ weight: 19, arbitrary: entryWrites }, { weight: 1, arbitrary: removeAll })
const batch = fc.array(fc.oneof({ weight: 4, arbitrary: writes }, { weight: 1, arbitrary: wordlessReads }), {
  minLength: 1,
  maxLength: 8,
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ calls: batch, circumstances }) },
  { weight: 3, arbitrary: fc.record({ calls: reads.map((read) => [read]), circumstances }) },
  { weight: 1, arbitrary: fc.constantFrom('kill' as const, 'settle' as const) },
)

test('whatever fails, whoever writes beside it and whenever it is killed, an archive does what a list would', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    const subject = new Subject()
    const plain = plainArchive()
    for (const one of steps) {
      if (one === 'kill') subject.kill()
      else if (one === 'settle') subject.settle()
      else {
        const found = await subject.call(one.calls, one.circumstances)
        // What was refused because of the trap was not done.
        const isTrapped = one.circumstances !== 'as always' && one.circumstances !== 'tool'
        const done = isTrapped ? one.calls.filter((_, index) => found[index] !== 'refused') : one.calls
        const expected = await answers(plain, done)
        assert.deepEqual(isTrapped ? found.filter((answer) => answer !== 'refused') : found, expected)
      }
    }
    subject.close()
  })
  await fc.assert(property, { seed: 7, numRuns: 60 })
})
