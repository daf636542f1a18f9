// Texts that are written again and again.

/** The same text in one piece: V8 keeps what was put together as its parts, and gathers them each time it is written. */
export function inOnePiece(text: string): string {
  return Buffer.from(text).toString()
}
