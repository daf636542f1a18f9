// One client's raw socket: bytes out, bytes in, and for the set-up a simple question and answer.
import { connect, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { type Encode, encodeForTcp } from './encoding.ts'

/** Takes what a connection receives. The bytes are only valid during the call. */
export type OnBytes = (chunk: Buffer) => void

/** Where a server listens, whether it speaks TLS there, and which key exchange the client offers then. */
export interface Port {
  readonly port: number
  readonly isTls: boolean
  /** `X25519` unless it says so: that is what every server that is measured has. */
  readonly keyExchange?: 'X25519' | 'X25519MLKEM768'
}

interface Question {
  readonly until: RegExp
  readonly resolve: (text: string) => void
  readonly reject: (error: Error) => void
}

const refusal = /<failure|<stream:error|type=["']error["']/
const ignore: OnBytes = () => {}

/** A connection to a server on this machine, over TCP or TLS. */
export class Connection {
  /** Whoever wants the bytes that come outside of `ask` puts itself here. */
  onBytes: OnBytes = ignore
  /** How text is sent. */
  encode: Encode = encodeForTcp
  readonly #socket: Socket
  #question: Question | undefined
  #text = ''
  #isClosing = false

  /**
   * Connects. `readBuffer` may be shared by all connections of a thread, because libuv reads into it and calls back
   * before it reads from the next socket. `onLost` is called when the connection ends without having been closed here.
   */
  constructor(
    { port, isTls, keyExchange = 'X25519' }: Port,
    readBuffer: Buffer,
    onLost: (error: Error) => void,
  ) {
    const onread = {
      buffer: readBuffer,
      callback: (size: number) => this.#read(readBuffer.subarray(0, size)),
    }
    const options = { host: '127.0.0.1', port, noDelay: true }
    if (isTls) {
      // The certificate is one that the benchmark has made itself.
      this.#socket = connectTls({ ...options, rejectUnauthorized: false, ecdhCurve: keyExchange })
      this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    } else this.#socket = connect({ ...options, onread })
    this.#socket.on('error', (error) => this.#lose(error, onLost))
    this.#socket.on('close', () => this.#lose(new Error('the server closed the connection'), onLost))
  }

  write(bytes: Uint8Array | string): void {
    this.#socket.write(typeof bytes === 'string' ? this.encode(bytes).bytes : bytes)
  }

  /**
   * Writes `request`, then resolves with all that comes until the pattern `until` matches it.
   * Rejects when the server refuses: with an error stanza, a stream error, a SASL failure or by closing.
   */
  ask(request: string, until: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#text = ''
      this.#question = { until, resolve, reject }
      this.write(request)
    })
  }

  /** Closes the connection as a polite client does. */
  end(): void {
    this.#isClosing = true
    this.#socket.end()
  }

  /** Ends the connection at once, whatever is on its way. */
  reset(): void {
    this.#isClosing = true
    // Node resets no connection under TLS.
    if (this.#socket instanceof TLSSocket) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }

  #read(chunk: Buffer): boolean {
    if (this.#question) this.#readAnswer(this.#question, chunk.toString('latin1'))
    else this.onBytes(chunk)
    return true
  }

  #readAnswer(question: Question, text: string): void {
    this.#text += text
    const isRefused = refusal.test(this.#text)
    if (!isRefused && !question.until.test(this.#text)) return
    this.#question = undefined
    if (isRefused) question.reject(new Error(`the server refused: ${this.#text.slice(-500)}`))
    else question.resolve(this.#text)
  }

  #lose(error: Error, onLost: (error: Error) => void): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#question?.reject(error)
    onLost(error)
  }
}
