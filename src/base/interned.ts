// Texts that are compared again and again.

/**
 * The same text as V8 keeps those in a program and the names of properties: two of these it compares by their addresses, and as keys
 * of a map they are hashed once.
 */
export function interned(text: string): string {
  return Object.keys({ [text]: true })[0] as string
}
