// XEP-0198 for clients of the benchmark: requests to acknowledge are found and answered, acknowledgements are read.
import type { Connection } from './connection.ts'

const namespace = "xmlns='urn:xmpp:sm:3'"
const requestStart = Buffer.from('<r ')
const answerStart = Buffer.from('<a ')
const tagEnd = 0x3e // >

/** Asks how much has been dealt with. */
export const ackRequest = Buffer.from(`<r ${namespace}/>`)

/** Says how many stanzas have come. */
export function ackOf(count: number): Buffer {
  return Buffer.from(`<a ${namespace} h='${count}'/>`)
}

/** Switches stream management on; a client counts from then on. */
export async function manageStream(connection: Connection): Promise<void> {
  await connection.ask(`<enable ${namespace} resume='true'/>`, /<enabled/)
}

/** Who is told. */
interface OnAcks {
  onRequest(): void
  /** `count` stanzas have been dealt with since the beginning. */
  onAck(count: number): void
}

/** Reads one connection's bytes, however they are cut. */
export class AckReader {
  readonly #on: OnAcks
  /** The beginning of a tag. */
  #rest: Buffer = Buffer.alloc(0)

  constructor(on: OnAcks) {
    this.#on = on
  }

  /** Takes the next bytes; keeps no reference to them. */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const end = bytes.lastIndexOf(tagEnd) + 1
    const whole = bytes.subarray(0, end)
    if (whole.includes(requestStart)) this.#on.onRequest()
    const answer = whole.lastIndexOf(answerStart)
    const count = answer < 0 ? undefined : / h=["'](\d+)/.exec(whole.toString('latin1', answer))?.[1]
    if (count !== undefined) this.#on.onAck(Number(count))
    this.#rest = Buffer.from(bytes.subarray(end))
  }
}
