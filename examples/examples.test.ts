// The examples do what they say.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

for (const [file, output] of [
  ['embed.ts', 'romeo@example.org/garden: It is my lady\n'],
  ['echo-bot.ts', 'echo: Is anybody there?\n'],
  ['own-extension.ts', 'Hello, anna\n'],
] as const) {
  test(`${file} runs, and is under 60 lines`, async () => {
    const path = join(import.meta.dirname, file)
    assert.ok(readFileSync(path, 'utf8').split('\n').length < 60)
    const { stdout, stderr } = await run(process.execPath, [path])
    assert.equal(stdout, output)
    assert.equal(stderr, '')
  })
}
