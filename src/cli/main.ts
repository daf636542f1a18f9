#!/usr/bin/env -S node --max-semi-space-size=4
// The command `balcony`.
import { enableCompileCache } from 'node:module'

// The second start is twice as fast; what is imported before this is not kept.
enableCompileCache()
const { run } = await import('./program.ts')

process.exitCode = await run(process.argv.slice(2), process)
