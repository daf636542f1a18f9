// Prosody from the system's package, in a folder of its own: what is the same whoever starts it.
import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The version that is there, if any is. */
export function prosodyVersion(): string | undefined {
  const { status, stdout } = spawnSync('prosodyctl', ['about'], { encoding: 'utf8' })
  return status === 0 ? /^Prosody (\S+)/m.exec(stdout)?.[1] : undefined
}

/** Where its configuration is. */
export function prosodyFile(folder: string): string {
  return join(folder, 'prosody.cfg.lua')
}

/**
 * Writes the configuration: all files in the folder, nothing but 127.0.0.1, also as root. `settings` are the rest of it.
 * @returns the command that runs it in the foreground
 */
export async function configureProsody(folder: string, settings: string): Promise<readonly string[]> {
  const file = prosodyFile(folder)
  await writeFile(file, `${basics(folder)}${settings}`)
  return ['prosody', '--config', file, '-F']
}

function basics(folder: string): string {
  return `
run_as_root = true
network_backend = "epoll"
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
certificates = "${folder}"
interfaces = { "127.0.0.1" }
`
}

/** Makes its own files for accounts of `localhost`; `fields` are what it keeps of each one's password. */
export async function writeProsodyAccounts(
  folder: string,
  names: readonly string[],
  fields: Readonly<Record<string, string | number>>,
): Promise<void> {
  const accounts = join(folder, 'data', 'localhost', 'accounts')
  await mkdir(accounts, { recursive: true })
  const lines = Object.entries(fields).map(([name, value]) => `  ["${name}"] = ${JSON.stringify(value)};\n`)
  const text = `return {\n${lines.join('')}};\n`
  for (const name of names) await writeFile(join(accounts, `${name}.dat`), text)
}
