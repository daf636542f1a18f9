// What all reports have in common, and their names.
import type { Audience } from '../suite.ts'
import { jsonReport } from './json.ts'
import { junitReport } from './junit.ts'
import type { Paint } from './paint.ts'
import { prettyReport } from './pretty.ts'
import type { Sink } from './sink.ts'
import { tapReport } from './tap.ts'

/** Makes a report on a sink. */
export type Reporter = (sink: Sink, paint: Paint) => Audience

/** The reports there are, by the name that `--reporter` takes. */
export const reporters = {
  pretty: prettyReport,
  tap: tapReport,
  junit: junitReport,
  json: jsonReport,
} as const satisfies Readonly<Record<string, Reporter>>

/** The name of a report. */
export type ReporterName = keyof typeof reporters
