// Programs of Debian's that tests need: installed where they are missing and that may be done.
import { spawnSync } from 'node:child_process'

/** A program that is there, or why it is not. */
export type Found = { readonly version: string } | { readonly reason: string }

/**
 * Whether there is a program, after trying to install its package with apt-get where it is missing.
 * @param version answers which one is there, if any is
 */
export function findProgram(name: string, version: () => string | undefined): Found {
  const found = version()
  if (found !== undefined) return { version: found }
  if (process.getuid?.() !== 0) return { reason: `${name} is not installed, and only root could install it` }
  // Other test files may be at it at the same time: apt-get waits for them, and what they installed counts.
  let told = ''
  for (const update of [false, true, true]) {
    if (update) told += aptGet('update', '-q')
    told += aptGet('install', '-y', '-q', '--no-install-recommends', name)
    const now = version()
    if (now !== undefined) return { version: now }
  }
  return { reason: `apt-get could not install ${name}: ${told}` }
}

/** Runs apt-get, without starting what it installs; answers what it complains of. */
function aptGet(...words: string[]): string {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const { error, stderr } = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...words], {
    env,
    encoding: 'utf8',
  })
  return error?.message ?? stderr
}
