// The actions of a script: who connects, disconnects, sends and receives what.
import { firstColumn, isBlank, isComment, isIndented, quote, type Report, type SourceLine } from './lines.ts'
import type { ScriptNote, Step } from './script.ts'
import { readStanzas } from './stanza-block.ts'

type Verb = Step['kind']

interface Action {
  readonly who: string
  readonly verb: Verb
  readonly line: SourceLine
  readonly block: SourceLine[]
}

/** Steps in the order of the script, and what is odd but harmless. */
export interface Actions {
  readonly steps: readonly Step[]
  readonly notes: readonly ScriptNote[]
}

const verbs = 'connects, disconnects, sends: or receives:'

/** Reads the lines after the dashes; `names` are those of the characters defined above. */
export function parseActions(
  lines: readonly SourceLine[],
  names: readonly string[],
  report: Report,
): Actions {
  const steps: Step[] = []
  const notes: ScriptNote[] = []
  for (const action of collectActions(lines, names, report)) {
    const step = finish(action, report, notes)
    if (step) steps.push(step)
  }
  return { steps, notes }
}

function collectActions(lines: readonly SourceLine[], names: readonly string[], report: Report): Action[] {
  // The longest name wins: “Juliet's phone” before “Juliet”.
  const longestFirst = [...names].sort((one, other) => other.length - one.length)
  const actions: Action[] = []
  let current: Action | undefined
  let afterFault = false
  for (const line of lines) {
    if (isBlank(line.text) || isComment(line.text)) continue
    if (!isIndented(line.text)) {
      current = parseAction(line, longestFirst, report)
      afterFault = current === undefined
      if (current) actions.push(current)
    } else if (current) current.block.push(line)
    else if (!afterFault)
      report(line.number, firstColumn(line.text), `expected “NAME sends:” or “NAME receives:” first`)
  }
  return actions
}

function parseAction(line: SourceLine, names: readonly string[], report: Report): Action | undefined {
  const text = line.text.trimEnd()
  const who = names.find((name) => text.startsWith(name) && /^\s/.test(text.slice(name.length)))
  if (who === undefined) {
    const known = names.length === 0 ? 'none is defined' : `defined are ${names.join(', ')}`
    report(line.number, 1, `expected the name of a character (${known}) and ${verbs}, not ${quote(text)}`)
    return undefined
  }
  const rest = text.slice(who.length).trim()
  const verb = parseVerb(rest)
  if (!verb) {
    const column = text.length - rest.length + 1
    report(line.number, column, `expected ${verbs} after ${quote(who)}, not ${quote(rest)}`)
    return undefined
  }
  return { who, verb, line, block: [] }
}

function parseVerb(text: string): Verb | undefined {
  if (text === 'connects' || text === 'disconnects') return text
  const match = /^(sends|receives)\s*:?$/.exec(text)
  if (match) return match[1] as 'sends' | 'receives'
  return /^receives(\s*:\s*|\s+)nothing$/.test(text) ? 'receives nothing' : undefined
}

function finish(action: Action, report: Report, notes: ScriptNote[]): Step | undefined {
  const { who, verb, line, block } = action
  const first = block[0]
  if (verb !== 'sends' && verb !== 'receives') {
    if (first) report(first.number, firstColumn(first.text), `expected no stanza after “${verb}”`)
    return { kind: verb, who, line: line.number }
  }
  if (!first) {
    report(line.number, line.text.trimEnd().length + 1, 'expected an indented stanza on the next line')
    return undefined
  }
  const stanzas = readStanzas(block, report)
  const stanza = stanzas?.[0]
  if (!stanza || !stanzas) return undefined
  if (stanzas.length > 1) {
    if (verb === 'receives') {
      report(first.number, firstColumn(first.text), `expected one element, found ${stanzas.length}`)
    } else {
      notes.push({
        line: line.number,
        text: `${stanzas.length} elements under one “sends”: only the first is sent`,
      })
    }
  }
  return { kind: verb, who, line: line.number, stanza }
}
