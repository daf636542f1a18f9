// The command: Balcony and its peers side by side on this machine. See README.md.
import { type Plan, runScenario, type ScenarioResult } from './campaign.ts'
import { type Command, readCommand, usage } from './command-line.ts'
import { writePage } from './page.ts'
import { terminalProgress } from './progress.ts'
import { reportScenario } from './report.ts'
import { describeCommit, describeProcessor, type Results, readResults, saveResults } from './results.ts'
import { profileBalcony } from './servers/balcony.ts'
import { canPin, pinGenerator } from './servers/process.ts'
import type { ServerKind } from './servers/server.ts'

const exitFailed = 1
const exitMisused = 2
const exitInterrupted = 130

async function main(args: readonly string[]): Promise<number> {
  const command = tryToRead(args)
  if (!command) return exitMisused
  if (command.isHelp) {
    process.stdout.write(usage)
    return 0
  }
  if (process.platform !== 'linux') throw new Error("the benchmark needs Linux: it reads the servers' /proc")
  const earlier = command.compareWith === undefined ? undefined : await readResults(command.compareWith)
  return measure(command, earlier)
}

function tryToRead(args: readonly string[]): Command | undefined {
  try {
    return readCommand(args)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    return undefined
  }
}

async function measure(command: Command, earlier: Results | undefined): Promise<number> {
  const servers = command.servers.map((kind) =>
    kind.name === 'balcony' && command.profileFolder ? profileBalcony(command.profileFolder) : kind,
  )
  const versions = await prepare(servers)
  if (canPin()) pinGenerator()
  else process.stderr.write('No taskset or only one processor: server and generator share it\n')
  const plan: Plan = { ...command, servers }
  const scenarios = await runAll(plan, earlier)
  await keep(command, resultsOf(command, versions, scenarios))
  return hasFailed(scenarios) ? exitFailed : 0
}

async function prepare(servers: readonly ServerKind[]): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const server of servers) versions[server.name] = await server.prepare()
  process.stdout.write(`${Object.values(versions).join(', ')}; ${describeProcessor()}\n\n`)
  return versions
}

async function runAll(plan: Plan, earlier: Results | undefined): Promise<ScenarioResult[]> {
  const progress = terminalProgress(process.stderr)
  const results: ScenarioResult[] = []
  for (const scenario of plan.scenarios) {
    const result = await runScenario(scenario, plan, progress)
    const before = earlier?.scenarios.find(({ name }) => name === result.name)
    process.stdout.write(`${reportScenario(result, before)}\n`)
    results.push(result)
  }
  return results
}

function resultsOf(
  command: Command,
  versions: Record<string, string>,
  scenarios: readonly ScenarioResult[],
): Results {
  return {
    when: new Date().toISOString(),
    commit: describeCommit(),
    node: process.version,
    processor: describeProcessor(),
    versions,
    runs: command.runs,
    isQuick: command.isQuick,
    isPinned: canPin(),
    scenarios,
  }
}

async function keep(command: Command, results: Results): Promise<void> {
  if (command.isSaved) process.stdout.write(`Saved to ${await saveResults(results)}\n`)
  if (!command.isWritten) return
  const typed = ['npm run bench --', ...process.argv.slice(2)].join(' ')
  process.stdout.write(`Written to ${await writePage(results, typed)}\n`)
}

function hasFailed(scenarios: readonly ScenarioResult[]): boolean {
  return scenarios.some(({ servers }) => Object.values(servers).some(({ failures }) => failures.length > 0))
}

// Exiting ends the servers too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(exitInterrupted))
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = exitFailed
}
