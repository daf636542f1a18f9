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
  ['hooks.ts', 'online: juliet@example.org/balcony\nrefused: that name is not spoken here\nstamped: true\n'],
  ['fastify-chat.ts', /^http:\/\/127\.0\.0\.1:\d+\n$/],
] as const) {
  test(`${file} runs, and is under 60 lines`, async () => {
    const path = join(import.meta.dirname, file)
    assert.ok(linesOf(file) < 60)
    const { stdout, stderr } = await run(process.execPath, [path])
    if (typeof output === 'string') assert.equal(stdout, output)
    else assert.match(stdout, output)
    assert.equal(stderr, '')
  })
}

test('client-library.test.ts, which is a test itself, is under 60 lines', () => {
  assert.ok(linesOf('client-library.test.ts') < 60)
})

function linesOf(file: string): number {
  return readFileSync(join(import.meta.dirname, file), 'utf8').split('\n').length
}
