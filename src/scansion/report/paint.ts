// Colours of a terminal, or none.

/** What the parts of a report look like. */
export interface Paint {
  plain(text: string): string
  good(text: string): string
  bad(text: string): string
  faint(text: string): string
  strong(text: string): string
  missing(text: string): string
  unexpected(text: string): string
}

const same = (text: string) => text

/** Nothing but the text. */
export const noPaint: Paint = {
  plain: same,
  good: same,
  bad: same,
  faint: same,
  strong: same,
  missing: same,
  unexpected: same,
}

/** Colours by ECMA-48 sequences; where a line differs is underlined, so that it shows without colours too. */
export const colours: Paint = {
  plain: same,
  good: ink(32, 39),
  bad: ink(31, 39),
  faint: ink(2, 22),
  strong: ink(4, 24),
  missing: ink(31, 39),
  unexpected: ink(32, 39),
}

function ink(start: number, end: number): (text: string) => string {
  return (text) => (text === '' ? '' : `\x1b[${start}m${text}\x1b[${end}m`)
}
