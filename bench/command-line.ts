// The command's arguments.
import { parseArgs } from 'node:util'
import { scenarios, usualScenarios } from './scenarios/all.ts'
import { fullScale, quickScale, type Scale, type Scenario } from './scenarios/scenario.ts'
import { serverKinds, usualServerKinds, writtenServerKinds } from './servers/all.ts'
import type { ServerKind } from './servers/server.ts'

const defaultRuns = 5

/** What `--help` prints. */
export const usage = `npm run bench -- [scenario…] [options]

Scenarios: ${scenarios.map(({ name }) => name).join(', ')} 
(all but rooms-…, if none is named)

  --servers LIST   of ${serverKinds.map(({ name }) => name).join(', ')} separated by commas (${usualServerKinds.map(({ name }) => name).join(',')})
  --runs N         runs of each scenario against each server (${defaultRuns}); the table shows medians
  --quick          small and short, to see that it works; the figures mean little
  --write          also against ejabberd, and write docs/made/bench.md with its picture
  --soak-seconds N how long the load of the scenario soak lasts (60)
  --save           keep the results in bench/results/
  --compare FILE   show the change since the results in this file
  --cpu-prof DIR   let Balcony write its CPU profiles there
  --help           print this
`

/** What is to be done. */
export interface Command {
  readonly scenarios: readonly Scenario[]
  readonly servers: readonly ServerKind[]
  /** Whether scenarios that spare ejabberd are run without it. */
  readonly isSparing: boolean
  readonly runs: number
  readonly scale: Scale
  readonly isQuick: boolean
  readonly isSaved: boolean
  readonly isWritten: boolean
  readonly compareWith: string | undefined
  readonly profileFolder: string | undefined
  readonly isHelp: boolean
}

/** Reads the arguments; throws an `Error` that says what is wrong with them. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      servers: { type: 'string' },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      'soak-seconds': { type: 'string' },
      compare: { type: 'string' },
      'cpu-prof': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  return {
    scenarios: positionals.length === 0 ? usualScenarios : pick('scenario', scenarios, positionals),
    servers:
      values.servers === undefined
        ? values.write
          ? writtenServerKinds
          : usualServerKinds
        : pick('server', serverKinds, values.servers.split(',')),
    isSparing: values.servers === undefined,
    runs: readRuns(values.runs ?? (values.quick ? '1' : String(defaultRuns))),
    scale: scaleOf(values.quick, values['soak-seconds']),
    isQuick: values.quick,
    isSaved: values.save,
    isWritten: values.write,
    compareWith: values.compare,
    profileFolder: values['cpu-prof'],
    isHelp: values.help,
  }
}

function pick<Kind extends { readonly name: string }>(
  what: string,
  all: readonly Kind[],
  names: readonly string[],
): readonly Kind[] {
  const unknown = names.find((name) => !all.some((one) => one.name === name))
  if (unknown !== undefined) {
    throw new Error(`no ${what} is called ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`)
  }
  return all.filter(({ name }) => names.includes(name))
}

function scaleOf(isQuick: boolean, soakSeconds: string | undefined): Scale {
  const scale = isQuick ? quickScale : fullScale
  if (soakSeconds === undefined) return scale
  const seconds = Number(soakSeconds)
  if (!(seconds > 0)) throw new Error(`--soak-seconds takes a number above 0, not ${soakSeconds}`)
  return { ...scale, soakMs: seconds * 1000 }
}

function readRuns(text: string): number {
  const runs = Number(text)
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number from 1, not ${text}`)
  return runs
}
