// The body of a request, read into memory as far as it may go.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerEmpty } from './answer.ts'

/** Reads a body of up to `limitBytes` and gives it to `take`; a longer one is answered with 413 (RFC 9110 §15.5.14). */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limitBytes: number,
  take: (bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= limitBytes) chunks.push(chunk)
    else {
      chunks.length = 0
      request.removeAllListeners('data')
      answerEmpty(response, 413, { connection: 'close' })
    }
  })
  request.on('end', () => {
    if (length <= limitBytes) take(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
  })
}
