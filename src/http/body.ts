// The body of a request, read into memory as far as it may go.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerEmpty } from './answer.ts'

/** How long a body may be. */
export interface BodyLimit {
  /** From anybody. */
  readonly usualBytes: number
  /** From who has sent `beginning`; asked once, when more has come than usual. */
  bytesFor(beginning: Buffer): number
}

/** Reads a body and gives it to `take`; one that is too long is answered with 413 (RFC 9110 §15.5.14). */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: BodyLimit,
  take: (bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  let limitBytes = limit.usualBytes
  let isUsual = true
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    chunks.push(chunk)
    if (length > limitBytes && isUsual) {
      isUsual = false
      limitBytes = limit.bytesFor(Buffer.concat(chunks))
    }
    if (length > limitBytes) {
      chunks.length = 0
      request.removeAllListeners('data')
      answerEmpty(response, 413, { connection: 'close' })
    }
  })
  request.on('end', () => {
    if (length <= limitBytes) take(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
  })
}
