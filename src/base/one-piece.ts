// Texts that are written again and again.

/** The same text in one piece: V8 keeps what was put together as its parts, and gathers them each time it is written. */
export function inOnePiece(text: string): string {
  return Buffer.from(text).toString()
}

/**
 * The same text as V8 keeps those in a program and the names of properties: two of these it compares by their addresses, and as keys
 * of a map they are hashed once.
 */
export function interned(text: string): string {
  return Object.keys({ [text]: true })[0] as string
}
