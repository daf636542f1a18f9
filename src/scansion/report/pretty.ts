// The report for people: a line a script, failures in full, and one line that moves while scripts are played.
import type { Script } from '../script.ts'
import type { Audience, Result } from '../suite.ts'
import { count, durationOf, fileOf, seconds, titleOf } from './counts.ts'
import { explainFailure } from './explain.ts'
import type { Paint } from './paint.ts'
import type { Sink } from './sink.ts'

/** Characters of the moving line; longer ones would wrap and stay. */
const progressWidth = 78

/** Makes the report for people. */
export function prettyReport(sink: Sink, paint: Paint): Audience {
  return new PrettyReport(sink, paint)
}

class PrettyReport implements Audience {
  readonly #sink: Sink
  readonly #paint: Paint
  readonly #playing = new Set<string>()
  #count = 0
  #done: Result[] = []

  constructor(sink: Sink, paint: Paint) {
    this.#sink = sink
    this.#paint = paint
  }

  begin(count: number): void {
    this.#count = count
    this.#done = []
  }

  started(script: Script): void {
    this.#playing.add(script.file)
    this.#showProgress()
  }

  finished(result: Result): void {
    this.#playing.delete(fileOf(result))
    this.#done.push(result)
    this.#print(this.#describe(result))
    this.#showProgress()
  }

  end(results: readonly Result[], durationMs: number): void {
    const { passed, failed, broken, skipped } = count(results)
    const parts = [
      passed > 0 ? this.#paint.good(`${passed} passed`) : '0 passed',
      ...(failed > 0 ? [this.#paint.bad(`${failed} failed`)] : []),
      ...(broken > 0 ? [this.#paint.bad(`${broken} not readable`)] : []),
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ]
    this.#print([`${parts.join(', ')} (${seconds(durationMs)} s)`])
  }

  #describe(result: Result): string[] {
    const { good, bad, faint } = this.#paint
    const title = titleOf(result)
    const about = title === fileOf(result) ? title : `${title} ${faint(fileOf(result))}`
    if (result.outcome === 'skipped') return [faint(`- ${title} (skipped)`)]
    if (result.outcome === 'broken') {
      const faults = result.faults.map(
        ({ file, line, column, message }) => `  ${file}:${line}:${column}: ${message}`,
      )
      return [`${bad('✗')} ${about} cannot be read`, ...faults]
    }
    const notes = result.performance.notes.map((note) => faint(`  line ${note.line}: ${note.text}`))
    const time = faint(`(${seconds(durationOf(result))} s)`)
    const { failure } = result.performance
    if (!failure) return [`${good('✓')} ${about} ${time}`, ...notes]
    const lines = explainFailure(result.script, failure, this.#paint).map((line) =>
      line === '' ? '' : `  ${line}`,
    )
    return [`${bad('✗')} ${about} ${time}`, ...notes, ...lines, '']
  }

  #showProgress(): void {
    if (!this.#sink.isTTY) return
    const { failed, broken } = count(this.#done)
    const faults = failed + broken > 0 ? `, ${failed + broken} failed` : ''
    const text = `${this.#done.length}/${this.#count}${faults} … ${[...this.#playing].join(', ')}`
    this.#sink.write(`\r\x1b[2K${text.slice(0, progressWidth)}`)
  }

  #print(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\n`).join('')
    this.#sink.write(this.#sink.isTTY ? `\r\x1b[2K${text}` : text)
  }
}
