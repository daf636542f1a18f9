// The report as JSON: one object, for programs.
import type { Element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { clientNamespace } from '../names.ts'
import type { Failure } from '../runner.ts'
import type { Audience, Result } from '../suite.ts'
import { count } from './counts.ts'
import type { Sink } from './sink.ts'

/** Makes the JSON report, written at the end. */
export function jsonReport(sink: Sink): Audience {
  return {
    begin: () => {},
    started: () => {},
    finished: () => {},
    end: (results, durationMs) => {
      const whole = { ...count(results), durationMs, scripts: results.map(describe) }
      sink.write(`${JSON.stringify(whole, null, 2)}\n`)
    },
  }
}

function describe(result: Result) {
  if (result.outcome === 'broken') {
    const { outcome, file, faults } = result
    return { file, outcome, faults: faults.map(({ line, column, message }) => ({ line, column, message })) }
  }
  const { file, title, tags, steps } = result.script
  const script = { file, title, tags, outcome: result.outcome, steps: steps.length }
  if (result.outcome === 'skipped') return script
  const { performance } = result
  return {
    ...script,
    stepsDone: performance.steps,
    durationMs: performance.durationMs,
    notes: performance.notes,
    ...(performance.failure ? { failure: describeFailure(performance.failure) } : {}),
  }
}

function describeFailure({ step, line, message, expected, received, unmatched, exchanges }: Failure) {
  const stanzas = [...exchanges].map(([who, list]) => [
    who,
    list.map(({ direction, stanza }) => ({ direction, stanza: show(stanza) })),
  ])
  return {
    step,
    line,
    message,
    ...(expected ? { expected: show(expected) } : {}),
    ...(received ? { received: show(received) } : {}),
    unmatched: unmatched.map(show),
    lastStanzas: Object.fromEntries(stanzas),
  }
}

function show(stanza: Element): string {
  return serialize(stanza, clientNamespace)
}
