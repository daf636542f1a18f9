// Programs of Debian's that tests need: installed where they are missing and that may be done.
import { spawnSync } from 'node:child_process'

/** A program that is there, or why it is not. */
export type Found = { readonly version: string } | { readonly reason: string }

/**
 * Whether there is a program, after trying to install its package with apt-get where it is missing.
 * @param version answers which one is there, if any is
 * @param options.maySudo whether who is not root may ask `sudo` for it; standard is not
 */
export function findProgram(
  name: string,
  version: () => string | undefined,
  { maySudo = false } = {},
): Found {
  const found = version()
  if (found !== undefined) return { version: found }
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !maySudo) return { reason: `${name} is not installed, and only root could install it` }
  const asRoot = isRoot ? [] : ['sudo', '-n']
  // Other test files may be at it at the same time: apt-get waits for them, and what they installed counts.
  let told = ''
  for (const update of [false, true, true]) {
    if (update) told += aptGet(asRoot, 'update', '-q')
    told += aptGet(asRoot, 'install', '-y', '-q', '--no-install-recommends', name)
    const now = version()
    if (now !== undefined) return { version: now }
  }
  return { reason: `apt-get could not install ${name}: ${told}` }
}

/** Runs apt-get, without starting what it installs; answers what it complains of. */
function aptGet(asRoot: readonly string[], ...words: string[]): string {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const command = [...asRoot, 'apt-get', '-o', 'DPkg::Lock::Timeout=300', ...words]
  const { error, stderr } = spawnSync(command[0] as string, command.slice(1), { env, encoding: 'utf8' })
  return error?.message ?? stderr
}
