// The driver on a file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { testStorage } from './contract.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-storage-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0

testStorage(() => sqlite(join(folder, `${files++}.db`)))
