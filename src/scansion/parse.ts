// From a script's text to a script that can be played, or to all its faults.
import { parseActions } from './actions.ts'
import { parseHead } from './head.ts'
import { isSeparator, splitLines } from './lines.ts'
import type { Script, ScriptFault } from './script.ts'

/** Reads a script; all its faults, in the order of their lines, if it cannot be played. `file` only names it. */
export function parseScript(text: string, file: string): Script | readonly ScriptFault[] {
  const lines = splitLines(text)
  const faults: ScriptFault[] = []
  const report = (line: number, column: number, message: string) =>
    void faults.push({ file, line, column, message })
  const end = lines.findIndex((line) => isSeparator(line.text))
  const head = parseHead(end < 0 ? lines : lines.slice(0, end), report)
  if (end < 0) {
    report(
      lines.length,
      1,
      'expected a line of three or more dashes between characters and actions; the script ends',
    )
    return faults
  }
  const names = head.characters.map((character) => character.name)
  const { steps, notes } = parseActions(lines.slice(end + 1), names, report)
  return faults.length > 0 ? faults : { file, ...head, steps, notes }
}
