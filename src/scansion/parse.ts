// From a script's text to a script that can be played, or to all its faults.
import { type Actions, parseActions } from './actions.ts'
import { parseHead } from './head.ts'
import { isSeparator, type Report, splitLines } from './lines.ts'
import type { Script, ScriptFault } from './script.ts'

/** Reads a script; all its faults, in the order of their places, if it cannot be played. `file` only names it. */
export function parseScript(text: string, file: string): Script | ScriptFault[] {
  const faults: ScriptFault[] = []
  const script = parse(text, (line, column, message) => void faults.push({ file, line, column, message }))
  if (faults.length === 0) return { file, ...script }
  return faults.sort((one, other) => one.line - other.line || one.column - other.column)
}

function parse(text: string, report: Report): Omit<Script, 'file'> {
  const lines = splitLines(text)
  const end = lines.findIndex((line) => isSeparator(line.text))
  const head = parseHead(end < 0 ? lines : lines.slice(0, end), report)
  const names = head.characters.map((character) => character.name)
  let actions: Actions = { steps: [], notes: [] }
  if (end >= 0) actions = parseActions(lines.slice(end + 1), names, report)
  else
    report(lines.length, 1, 'expected a line of three or more dashes after the characters; the script ends')
  return { ...head, ...actions }
}
