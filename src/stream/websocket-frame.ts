// RFC 6455 §5.2: text messages of a server, each in one frame, unmasked.

const lastFragmentOfText = 0x81
const length16 = 126
const length64 = 127
const usualHeadBytes = 4

/** The most that a frame has before its text. */
export const mostHeadBytes = 10

/** Writes a text message of `text` and the bytes of UTF-8 behind it, as one frame, into `room`; answers its length. */
export function writeTextFrame(text: string, rest: Uint8Array, room: Buffer, at: number): number {
  // As most are; the others are moved.
  let start = at + usualHeadBytes
  const textBytes = room.write(text, start)
  room.set(rest, start + textBytes)
  const length = textBytes + rest.length
  room[at] = lastFragmentOfText
  if (length < length16) {
    room[at + 1] = length
    start = move(room, start, at + 2, length)
  } else if (length < 65_536) {
    room[at + 1] = length16
    room.writeUInt16BE(length, at + 2)
  } else {
    start = move(room, start, at + mostHeadBytes, length)
    room[at + 1] = length64
    room.writeBigUInt64BE(BigInt(length), at + 2)
  }
  return start + length - at
}

function move(room: Buffer, from: number, to: number, length: number): number {
  room.copyWithin(to, from, from + length)
  return to
}
