// All runs of all scenarios: the servers take turns, so that what else the machine does meets all of them alike.
import { type Summary, summarize } from './measure.ts'
import type { Progress } from './progress.ts'
import type { Metric, Outcome, Scale, Scenario } from './scenarios/scenario.ts'
import type { ServerKind } from './servers/server.ts'

const usualTimeoutMs = 300_000

/** What one server did in one scenario: the figures by metric, or why there are none. */
export interface ServerResult {
  readonly figures: Readonly<Record<string, Summary>>
  /** One for every run that failed. */
  readonly failures: readonly string[]
}

/** What all servers did in one scenario. */
export interface ScenarioResult {
  readonly name: string
  readonly title: string
  readonly metrics: readonly Metric[]
  /** By the name of the server. */
  readonly servers: Readonly<Record<string, ServerResult>>
}

/** What is to be run, how often and how large. */
export interface Plan {
  readonly scenarios: readonly Scenario[]
  readonly servers: readonly ServerKind[]
  readonly runs: number
  readonly scale: Scale
  /** Whether scenarios that spare ejabberd are run without it. */
  readonly isSparing?: boolean
}

/** Runs one scenario against each server, `runs` times in turn, each time against a freshly started server. */
export async function runScenario(
  scenario: Scenario,
  plan: Plan,
  progress: Progress,
): Promise<ScenarioResult> {
  const isSpared = (name: string) =>
    plan.isSparing === true && scenario.sparesEjabberd === true && name === 'ejabberd'
  const servers = plan.servers.filter((server) => canDo(server, scenario) && !isSpared(server.name))
  const outcomes = new Map(servers.map(({ name }) => [name, [] as (Outcome | Error)[]]))
  const runs = Math.min(plan.runs, scenario.mostRuns ?? plan.runs)
  for (let run = 1; run <= runs; run += 1) {
    for (const server of servers) {
      const step = `${scenario.name}, run ${run} of ${runs}, ${server.name}`
      const show = (doing: string) => progress.show(`${step}: ${doing}`)
      outcomes.get(server.name)?.push(await runOnce(scenario, server, plan.scale, show))
    }
  }
  progress.clear()
  return {
    name: scenario.name,
    title: scenario.title(plan.scale),
    metrics: scenario.metrics(plan.scale),
    servers: Object.fromEntries([...outcomes].map(([name, runs]) => [name, sumUp(runs)])),
  }
}

function canDo({ name, isRelay, isForArchives = false }: ServerKind, scenario: Scenario): boolean {
  const { forRelay, isArchived, isNotFor } = scenario
  return (forRelay || !isRelay) && (isArchived || !isForArchives) && !isNotFor?.includes(name)
}

async function runOnce(
  scenario: Scenario,
  kind: ServerKind,
  scale: Scale,
  show: (doing: string) => void,
): Promise<Outcome | Error> {
  show('starting')
  try {
    const { passwordIterations, isArchived, isWebSocket = false, isTls = false } = scenario
    const server = await kind.start({
      accounts: scenario.accounts(scale),
      passwordIterations,
      isArchived,
      isWebSocket,
      isTls,
    })
    try {
      return await withinTime(
        scenario.run({ server, isRelay: kind.isRelay, scale, progress: show }),
        scenario.timeoutMs,
      )
    } finally {
      show('stopping')
      await server.stop()
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** A server that stops answering must not stop the benchmark. */
async function withinTime<Result>(work: Promise<Result>, timeoutMs = usualTimeoutMs): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('the run took too long')), timeoutMs)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

function sumUp(runs: readonly (Outcome | Error)[]): ServerResult {
  const failures: string[] = []
  const good: Outcome[] = []
  for (const run of runs) {
    const failure = run instanceof Error ? run.message : describeFaults(run)
    if (failure !== undefined) failures.push(failure)
    else good.push(run as Outcome)
  }
  const names = Object.keys(good[0]?.figures ?? {})
  const figures = names.map(
    (name) => [name, summarize(good.map((run) => run.figures[name] as number))] as const,
  )
  return { figures: Object.fromEntries(figures), failures }
}

function describeFaults({ faults }: Outcome): string | undefined {
  const { lost, doubled, outOfOrder, astray } = faults
  if (lost === 0 && doubled === 0 && outOfOrder === 0 && astray === 0) return undefined
  return `deliveries: ${lost} lost, ${doubled} doubled, ${outOfOrder} out of order, ${astray} astray`
}
