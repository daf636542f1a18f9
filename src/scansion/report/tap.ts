// The report in the Test Anything Protocol, version 14.
import type { Audience, Result } from '../suite.ts'
import { durationOf, fileOf, titleOf } from './counts.ts'
import { explainFailure } from './explain.ts'
import { noPaint } from './paint.ts'
import type { Sink } from './sink.ts'

/** Makes the TAP report; results stand in the order of the scripts. */
export function tapReport(sink: Sink): Audience {
  return {
    begin: (count) => void sink.write(`TAP version 14\n1..${count}\n`),
    started: () => {},
    finished: () => {},
    end: (results) => {
      for (const [index, result] of results.entries()) sink.write(describe(result, index + 1))
    },
  }
}

function describe(result: Result, number: number): string {
  const isFine = result.outcome === 'passed' || result.outcome === 'skipped'
  const title = escapeDescription(
    titleOf(result) === fileOf(result) ? fileOf(result) : `${titleOf(result)} (${fileOf(result)})`,
  )
  const directive = result.outcome === 'skipped' ? ' # SKIP by its tags' : ''
  const line = `${isFine ? 'ok' : 'not ok'} ${number} - ${title}${directive}\n`
  if (result.outcome === 'skipped') return line
  return `${line}  ---\n${diagnose(result).join('\n')}\n  ...\n`
}

function diagnose(result: Exclude<Result, { outcome: 'skipped' }>): string[] {
  if (result.outcome === 'broken') {
    return block(
      'message',
      result.faults.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`),
    )
  }
  const { failure, notes } = result.performance
  const lines = [`  duration_ms: ${Math.round(durationOf(result))}`]
  if (notes.length > 0)
    lines.push(
      ...block(
        'notes',
        notes.map((note) => `line ${note.line}: ${note.text}`),
      ),
    )
  if (!failure) return lines
  lines.push(`  at: ${JSON.stringify(`${result.script.file}:${failure.line}`)}`)
  return [...lines, ...block('message', explainFailure(result.script, failure, noPaint))]
}

/** A block of text in YAML, line by line as it is. */
function block(key: string, lines: readonly string[]): string[] {
  return [`  ${key}: |-`, ...lines.map((line) => `    ${line}`.trimEnd())]
}

function escapeDescription(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('#', '\\#')
}
