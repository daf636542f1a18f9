// Files that people send each other: bytes under a name, whole or not at all, apart from the database.
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'

/** Where files are kept: a folder, memory, or somebody else's object store. A name is 8 to 128 letters, digits, `-` and `_`. */
export interface Files {
  /**
   * Keeps what `source` gives; for each name one at a time. Resolves when it would survive a loss of power.
   * @throws whatever `source` throws, `RangeError` if it gives another number of bytes than `size`, and then nothing is kept
   */
  write(name: string, source: AsyncIterable<Uint8Array>, size: number): Promise<void>
  /** The bytes from `start` up to `end`, which is the last one; `undefined` if there is no such file. */
  read(name: string, start: number, end: number): Promise<Readable | undefined>
  /** Removes a file that may be there. */
  remove(name: string): Promise<void>
}

/** Files in a folder, which is made when the first one comes; for nobody but the one who runs the server. */
export function filesIn(folder: string): Files {
  // Folders of hundreds of thousands of files are slow on many file systems.
  const pathOf = (name: string) => join(folder, checked(name).slice(0, 2), name)
  return {
    async write(name, source, size) {
      const path = pathOf(name)
      await makeFolder(dirname(path))
      const part = partOf(path)
      try {
        await writePart(part, source, size)
        await rename(part, path)
        await syncFolder(dirname(path))
      } catch (error) {
        await rm(part, { force: true })
        throw error
      }
    },
    async read(name, start, end) {
      const path = pathOf(name)
      const isThere = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      )
      return isThere ? createReadStream(path, { start, end }) : undefined
    },
    async remove(name) {
      const path = pathOf(name)
      await rm(path, { force: true })
      await rm(partOf(path), { force: true })
    },
  }
}

/** Files in memory, for tests; together they may have `maxBytes`, and one too many is a `RangeError`. */
export function filesInMemory(maxBytes = 64 * 1024 * 1024): Files {
  const byName = new Map<string, Buffer>()
  let total = 0
  return {
    async write(name, source, size) {
      checked(name)
      if (total + size > maxBytes) throw new RangeError(`files in memory are limited to ${maxBytes} bytes`)
      total += size
      try {
        const chunks: Uint8Array[] = []
        for await (const chunk of exactly(source, size)) chunks.push(chunk)
        total -= byName.get(name)?.length ?? 0
        byName.set(name, Buffer.concat(chunks))
      } catch (error) {
        total -= size
        throw error
      }
    },
    async read(name, start, end) {
      const bytes = byName.get(checked(name))
      return bytes && Readable.from([bytes.subarray(start, end + 1)], { objectMode: false })
    },
    async remove(name) {
      total -= byName.get(checked(name))?.length ?? 0
      byName.delete(name)
    },
  }
}

// Always the same: what is left of it where the server was killed goes with the next attempt, or with the file.
function partOf(path: string): string {
  return `${path}.part`
}

// A name becomes a path: nothing in it may lead elsewhere.
function checked(name: string): string {
  if (!/^[\w-]{8,128}$/.test(name)) throw new TypeError(`“${name}” cannot be the name of a file`)
  return name
}

/** Gives on what `source` gives, and throws a `RangeError` as soon as that cannot be `size` bytes. */
async function* exactly(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > size) throw new RangeError(`more than ${size} bytes`)
    yield chunk
  }
  if (length < size) throw new RangeError(`${length} bytes instead of ${size}`)
}

async function writePart(path: string, source: AsyncIterable<Uint8Array>, size: number): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    for await (const chunk of exactly(source, size)) await writeAll(file, chunk)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten
}

async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 })
  // A folder is there after a loss of power when the one that lists it is.
  if (made !== undefined) await syncFolder(dirname(path))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
