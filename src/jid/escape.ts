// XEP-0106: JID Escaping

const NEEDS_ESCAPE = /[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)/gi
const ESCAPE = /\\(20|22|26|27|2f|3a|3c|3e|40|5c)/g

/**
 * Any name (of an account elsewhere, as typed) as a localpart may have it, not prepared yet; `undefined` if it would
 * begin or end with an escaped space, which XEP-0106 §3.2 forbids.
 *
 * A backslash before what only its capitals keep from being an escape is escaped too, for preparing the localpart
 * will make them small.
 */
export function escapeLocal(text: string): string | undefined {
  if (text.startsWith(' ') || text.endsWith(' ')) return undefined
  return text.replace(NEEDS_ESCAPE, (char) => `\\${char.charCodeAt(0).toString(16)}`)
}

/** The name that a prepared localpart stands for, to be shown or handed to another system, never to be compared. */
export function unescapeLocal(local: string): string {
  return local.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
