// RFC 6455 §5.2: text messages of a server, each in one frame, unmasked.

const lastFragmentOfText = 0x81
const length16 = 126
const length64 = 127

/** A text message of `text` and the bytes of UTF-8 behind it, as one frame. */
export function textFrame(text: string, rest: Uint8Array | undefined): Buffer {
  const textBytes = Buffer.byteLength(text)
  const length = textBytes + (rest?.length ?? 0)
  const head = length < length16 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = lastFragmentOfText
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = length16
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = length64
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, head)
  if (rest) frame.set(rest, head + textBytes)
  return frame
}
