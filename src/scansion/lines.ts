// Lines of a script: what a line is before anything is known of its place.

/** A line of a script; `number` counts from 1. */
export interface SourceLine {
  readonly number: number
  readonly text: string
}

/** Takes a fault: line and column from 1, and what was expected. */
export type Report = (line: number, column: number, message: string) => void

/** A script's lines without their ends; a byte order mark is dropped. */
export function splitLines(text: string): SourceLine[] {
  const whole = text.startsWith('\uFEFF') ? text.slice(1) : text
  return whole.split(/\r\n|\n|\r/).map((line, index) => ({ number: index + 1, text: line }))
}

/** Three or more dashes and nothing else: the end of the head. */
export function isSeparator(text: string): boolean {
  return /^-{3,}\s*$/.test(text)
}

/** A line that starts, in column 1, with `#`, `--` or `//`. */
export function isComment(text: string): boolean {
  return text.startsWith('#') || text.startsWith('--') || text.startsWith('//')
}

/** Nothing but white space. */
export function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** Starts with a space or tab. */
export function isIndented(text: string): boolean {
  return text.startsWith(' ') || text.startsWith('\t')
}

/** The column, from 1, of the first character of `text` that is not white space. */
export function firstColumn(text: string): number {
  return text.length - text.trimStart().length + 1
}

/** A part of a script quoted in a message, cut to a readable length. */
export function quote(text: string): string {
  const trimmed = text.trim()
  return trimmed.length > 60 ? `“${trimmed.slice(0, 57)}…”` : `“${trimmed}”`
}
