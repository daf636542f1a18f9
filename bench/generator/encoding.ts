// How stanzas become bytes: as they are, or as messages of WebSocket (RFC 7395).

/** A stanza as it is sent. */
export interface Encoded {
  readonly bytes: Buffer
  /** Where the stanza's own bytes begin. */
  readonly start: number
  /** What they are masked with (RFC 6455 §5.3). */
  readonly key?: Buffer
}

/** Makes bytes of one stanza. */
export type Encode = (stanza: string) => Encoded

/** For a stream over TCP. */
export const encodeForTcp: Encode = (stanza) => ({ bytes: Buffer.from(stanza), start: 0 })

// Not zero, for a server may spare itself the unmasking then; real clients take another one for each message.
const key = Buffer.from([0x3a, 0xc5, 0x51, 0x9e])
const start = 8

/** For WebSocket: the stanza stands alone, in one frame with a length of 16 bits. */
export const encodeForWebSocket: Encode = (stanza) => {
  const text = stanza.replace(/^<(iq|message|presence)\b(?! xmlns)/, "<$1 xmlns='jabber:client'")
  const payload = Buffer.from(text.padEnd(126))
  const bytes = Buffer.alloc(start + payload.length)
  bytes[0] = 0x81
  bytes[1] = 0x80 | 126
  bytes.writeUInt16BE(payload.length, 2)
  key.copy(bytes, 4)
  for (const [index, byte] of payload.entries()) bytes[start + index] = byte ^ (key[index % 4] as number)
  return { bytes, start, key }
}

/** Masks, or unmasks, `length` bytes at `at`, if they are to be. */
export function mask(bytes: Buffer, at: number, length: number, { start, key }: Encoded): void {
  if (key === undefined) return
  for (let index = at; index < at + length; index += 1) {
    bytes[index] = (bytes[index] as number) ^ (key[(index - start) % 4] as number)
  }
}
