// The report as JUnit XML, which CI servers read.
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import type { Audience, Result } from '../suite.ts'
import { count, durationOf, fileOf, titleOf } from './counts.ts'
import { explainFailure } from './explain.ts'
import { noPaint } from './paint.ts'
import type { Sink } from './sink.ts'

/** Makes the JUnit report, written at the end. */
export function junitReport(sink: Sink): Audience {
  return {
    begin: () => {},
    started: () => {},
    finished: () => {},
    end: (results, durationMs) => {
      const { failed, broken, skipped } = count(results)
      const totals = { tests: String(results.length), failures: String(failed), errors: String(broken) }
      const time = (durationMs / 1000).toFixed(3)
      const attributes = { name: 'scansion', ...totals, skipped: String(skipped), time }
      const suite = element('testsuite', '', attributes, ...results.map(describe))
      const whole = element('testsuites', '', { ...totals, time }, suite)
      sink.write(`<?xml version='1.0' encoding='UTF-8'?>\n${serialize(whole)}\n`)
    },
  }
}

function describe(result: Result): Element {
  const time = (durationOf(result) / 1000).toFixed(3)
  const attributes = {
    name: printable(titleOf(result)),
    classname: fileOf(result),
    file: fileOf(result),
    time,
  }
  return element('testcase', '', attributes, ...inside(result))
}

function inside(result: Result): Element[] {
  if (result.outcome === 'skipped') return [element('skipped', '')]
  if (result.outcome === 'broken') {
    const lines = result.faults.map(
      ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
    )
    return [
      element(
        'error',
        '',
        { type: 'syntax', message: printable(lines[0] ?? '') },
        printable(lines.join('\n')),
      ),
    ]
  }
  const { failure, notes } = result.performance
  const parts: Element[] = []
  if (failure) {
    const text = explainFailure(result.script, failure, noPaint).join('\n')
    parts.push(element('failure', '', { type: 'step', message: printable(failure.message) }, printable(text)))
  }
  if (notes.length > 0) {
    parts.push(
      element(
        'system-out',
        '',
        {},
        printable(notes.map((note) => `line ${note.line}: ${note.text}`).join('\n')),
      ),
    )
  }
  return parts
}

/** Text without the characters that XML 1.0 §2.2 cannot hold. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/g, '�')
}
