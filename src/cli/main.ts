#!/usr/bin/env -S node --max-semi-space-size=4
// The command `balcony`.
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// The second start is twice as fast; what is imported before this is not kept. In the user's own folder, for it is code that is run: a
// folder for temporary files is everybody's.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'balcony'))
const { run } = await import('./program.ts')

process.exitCode = await run(process.argv.slice(2), process)
