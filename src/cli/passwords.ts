// Passwords: made up, or asked for without being shown.
import { randomInt } from 'node:crypto'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { badUsage, CommandError } from './command-error.ts'

// Without what looks alike when it is written down by hand.
const letters = 'abcdefghijkmnpqrstuvwxyz23456789'
const groups = 4
const groupLength = 5

/** A password that nobody guesses (about 99 bits) and a person can type: `k3f9x-…`. */
export function makePassword(): string {
  const group = () => Array.from({ length: groupLength }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: groups }, group).join('-')
}

interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean
}

/**
 * A password from a person, asked twice and not shown, or from the first line of a pipe.
 * @throws CommandError if there is none, or the second is not the first
 */
export async function readPassword(
  address: string,
  input: Input,
  output: NodeJS.WritableStream,
): Promise<string> {
  if (!input.isTTY) return checked(await firstLine(input))
  const password = checked(await askHidden(`Password for ${address}: `, input, output))
  if ((await askHidden('Once more: ', input, output)) !== password) {
    throw new CommandError('the two passwords are not the same', { exitCode: badUsage })
  }
  return password
}

function checked(password: string): string {
  if (password === '') throw new CommandError('expected a password', { exitCode: badUsage })
  return password
}

async function firstLine(input: Input): Promise<string> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) return line
  return ''
}

async function askHidden(question: string, input: Input, output: NodeJS.WritableStream): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: true })
  output.write(question)
  const interrupted = new AbortController()
  lines.on('SIGINT', () => interrupted.abort())
  try {
    return await lines.question('', { signal: interrupted.signal })
  } catch (error) {
    throw new CommandError('interrupted', { cause: error })
  } finally {
    output.write('\n')
    lines.close()
  }
}
