// What every transport does, as a list of cases that its test calls.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Transport, TransportReceiver } from './transport.ts'

/** Two ends that are connected, and what undoes what was set up for them. */
export interface ConnectedPair {
  readonly near: Transport
  readonly far: Transport
  close(): void
}

/** One end's receiver, which keeps what happened. */
class Kept implements TransportReceiver {
  readonly chunks: Buffer[] = []
  drains = 0
  closes = 0
  readonly closed: Promise<void>
  #onClosed: () => void
  #onBytes = () => {}

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    this.#onClosed = resolve
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  onBytes(bytes: Uint8Array): void {
    this.chunks.push(Buffer.from(bytes))
    this.#onBytes()
  }

  onDrain(): void {
    this.drains += 1
    this.#onBytes()
  }

  onClose(): void {
    this.closes += 1
    this.#onClosed()
  }

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      await new Promise<void>((resolve) => {
        this.#onBytes = resolve
      })
    }
  }
}

interface Ends {
  readonly near: Transport
  readonly far: Transport
  readonly here: Kept
  readonly there: Kept
}

/** What is written: an element, for some transports carry nothing else. */
const whole = (text: string) => `<e xmlns='urn:example'>${text}</e>`

const cases: Readonly<Record<string, (ends: Ends) => Promise<void>>> = {
  'bytes and text arrive in order': async ({ near, far, here, there }) => {
    const numbers = Array.from({ length: 50 }, (_, index) => whole(`${index}`))
    for (const [index, text] of numbers.entries()) near.write(index % 2 ? text : Buffer.from(text))
    far.write(whole('back é'))
    const expected = numbers.join('')
    await there.until(() => there.text.length >= expected.length)
    assert.equal(there.text, expected)
    await here.until(() => here.text.length >= whole('back é').length)
    assert.equal(here.text, whole('back é'))
  },
  'bytes that were written belong to the caller again when nothing waits': async ({ near, there }) => {
    const scratch = Buffer.alloc(whole('1000').length)
    let expected = ''
    for (let index = 0; index < 20; index++) {
      scratch.write(whole(`${1000 + index}`))
      expected += whole(`${1000 + index}`)
      const hasGone = near.write(scratch)
      assert.equal(hasGone, near.bufferedBytes === 0)
      while (near.bufferedBytes > 0) await setImmediate()
      scratch.fill('x')
    }
    await there.until(() => there.text.length >= expected.length)
    assert.equal(there.text, expected)
  },
  'what waits is counted, and its going is told': async ({ near, far, here, there }) => {
    const bytes = Buffer.from(whole('x'.repeat(1024 * 1024)))
    far.pause()
    let written = 0
    while (near.bufferedBytes === 0 && written < 64) {
      near.write(bytes)
      written += 1
      await setImmediate()
    }
    assert.ok(near.bufferedBytes > 0 && near.bufferedBytes <= written * bytes.length)
    const before = here.drains
    far.resume()
    await there.until(
      () => there.chunks.reduce((sum, chunk) => sum + chunk.length, 0) === written * bytes.length,
    )
    await here.until(() => here.drains > before)
    assert.equal(near.bufferedBytes, 0)
  },
  'nothing comes while paused, on either side': async ({ near, far, here, there }) => {
    far.pause()
    near.write(whole('held'))
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    assert.equal(there.text, '')
    far.resume()
    await there.until(() => there.text === whole('held'))
    near.pause()
    far.write(whole('one'))
    far.write(whole('two'))
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    assert.equal(here.text, '')
    near.resume()
    await here.until(() => here.text === whole('one') + whole('two'))
  },
  'end sends what waits, then closes both, each once': async ({ near, here, there }) => {
    near.write(whole('x'.repeat(300_000)))
    near.end()
    await Promise.all([here.closed, there.closed])
    assert.equal(there.text, whole('x'.repeat(300_000)))
    assert.deepEqual([here.closes, there.closes], [1, 1])
  },
  'destroy closes both, each once, and nothing comes after it': async ({ near, far, here, there }) => {
    near.destroy()
    near.write(whole('lost'))
    await Promise.all([here.closed, there.closed])
    near.end()
    near.destroy()
    far.destroy()
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    assert.deepEqual([here.closes, there.closes], [1, 1])
    assert.equal(there.text, '')
  },
  'the peer’s address has no port': async ({ near }) => {
    assert.doesNotMatch(near.remoteAddress, /:\d+$/)
    assert.notEqual(near.remoteAddress, '')
  },
}

/** Tests a transport. `connect` makes a fresh pair; the ends may be of different kinds, both are tested. */
export function testTransport(name: string, connect: () => Promise<ConnectedPair>): void {
  for (const [what, body] of Object.entries(cases)) {
    test(`${name}: ${what}`, async () => {
      const pair = await connect()
      const [here, there] = [new Kept(), new Kept()]
      pair.near.receive(here)
      pair.far.receive(there)
      try {
        await body({ near: pair.near, far: pair.far, here, there })
      } finally {
        pair.near.destroy()
        pair.far.destroy()
        pair.close()
      }
    })
  }
}
