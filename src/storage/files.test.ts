import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { type Files, filesIn, filesInMemory } from './files.ts'

const name = 'abcdefgh-1234'

async function* chunks(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text)
}

async function* failing() {
  yield Buffer.from('half')
  throw new Error('gone')
}

async function textOf(files: Files, start = 0, end = 1e9): Promise<string | undefined> {
  const found = await files.read(name, start, end)
  return found && (await buffer(found)).toString()
}

function temporaryFolder(t: { after(run: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'balcony-files-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

for (const [kind, make] of [
  ['a folder', (t: { after(run: () => void): void }) => filesIn(join(temporaryFolder(t), 'deeper', 'files'))],
  ['memory', () => filesInMemory()],
] as const) {
  describe(`Files in ${kind}`, () => {
    test('what was written is read again, whole or in part', async (t) => {
      const files = make(t)
      await files.write(name, chunks('Wherefore ', 'art thou'), 18)
      assert.equal(await textOf(files), 'Wherefore art thou')
      assert.equal(await textOf(files, 10, 12), 'art')
    })

    test('one that was never written is not there', async (t) => {
      assert.equal(await textOf(make(t)), undefined)
    })

    test('nothing is kept of one that is longer, shorter, or breaks off', async (t) => {
      const files = make(t)
      await assert.rejects(files.write(name, chunks('long', 'er'), 5), RangeError)
      await assert.rejects(files.write(name, chunks('short'), 6), RangeError)
      await assert.rejects(files.write(name, failing(), 8), /gone/)
      assert.equal(await textOf(files), undefined)
    })

    test('one that was removed is gone, and removing it again is nothing', async (t) => {
      const files = make(t)
      await files.write(name, chunks('x'), 1)
      await files.remove(name)
      await files.remove(name)
      assert.equal(await textOf(files), undefined)
    })

    test('a name that leads elsewhere is refused', async (t) => {
      const files = make(t)
      for (const bad of ['../../../etc/passwd', 'a/b/c/d/e/f', 'short', 'abcdefgh.part', 'abcdefgh\0', '']) {
        await assert.rejects(files.write(bad, chunks('x'), 1), TypeError)
        await assert.rejects(files.read(bad, 0, 1), TypeError)
        await assert.rejects(files.remove(bad), TypeError)
      }
    })
  })
}

test('What a killed server left of a file goes with the next attempt, and with the file', async (t) => {
  const folder = temporaryFolder(t)
  const files = filesIn(folder)
  const shelf = join(folder, 'ab')
  await files.write(name, chunks('x'), 1)
  const left = () => writeFileSync(join(shelf, `${name}.part`), 'half of something longer')
  left()
  await files.write(name, chunks('y'), 1)
  assert.deepEqual(readdirSync(shelf), [name])
  assert.equal(await textOf(files), 'y')
  left()
  await files.remove(name)
  assert.deepEqual(readdirSync(shelf), [])
})

test('A file in memory that is written again counts once', async () => {
  const files = filesInMemory(10)
  for (let times = 0; times < 5; times += 1) await files.write(name, chunks('12345'), 5)
  assert.equal(await textOf(files), '12345')
})

test('Files in memory have a bound together', async () => {
  const files = filesInMemory(10)
  await files.write(name, chunks('12345678'), 8)
  await assert.rejects(files.write('another-name', chunks('123'), 3), /limited to 10 bytes/)
  await files.remove(name)
  await files.write('another-name', chunks('123'), 3)
})
